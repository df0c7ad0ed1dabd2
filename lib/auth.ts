/**
 * How a caller proves who it is: to the load balancer before a replica is asked (`jwt`), or to the replica itself
 * (`apiKeys`). There is no default: that nobody has to is for the API's owner to say aloud.
 */
import type { ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';

/**
 * What an authentication asks of the parts of an API.
 *
 * @internal
 */
export interface AuthBinding {
  /** Whether what it reads must not travel in the clear. */
  readonly needsTls: boolean;
  /** The keys that a replica lets in. */
  readonly apiKeys?: ISecret;
  /** What the load balancer does before it forwards. */
  readonly authenticate?: (next: ListenerAction) => ListenerAction;
}

/** How a caller proves who it is. */
export abstract class Auth {
  /** Nobody proves anything: whoever reaches the load balancer may predict. */
  public static none(): Auth {
    return new NoAuth();
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): AuthBinding;
}

class NoAuth extends Auth {
  public _bind(): AuthBinding {
    return { needsTls: false };
  }
}
