/** What passes between an API and its platform: who is to be let in, and the way in that it got. */
import type { IApplicationListener, IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IConstruct } from 'constructs';
import type { Access, AccessBinding } from '../access';
import type { AuthBinding } from '../auth';
import type { CorsOptions } from '../cors-options';
import { Check, isKnown } from '../private/check';
import { HOST_FORM, holds, isHost } from '../private/hosts';

/** What an API asks of the platform. */
export interface EntryRequest {
  readonly access: Access;
  readonly host?: string;
  readonly priority?: number;
  readonly cors?: CorsOptions;
  /** How many the API has; one, unless its versions take turns. */
  readonly targetGroups?: number;
  /** Seconds. */
  readonly idleTimeout: number;
}

/** The way in that an API got. */
export interface Entry {
  readonly loadBalancer: IApplicationLoadBalancer;
  readonly listener: IApplicationListener;
  /** Scheme and host, without a path. */
  readonly url: string;
  /** The host name that the API's rule asks for. */
  readonly host?: string;
  readonly auth: AuthBinding;
  /** A pattern that the names of callers must fit, where there is no one name; the load balancer's own does not fit. */
  readonly hostPattern?: string;
  /** The name that the user's own DNS has to lead to the load balancer. */
  readonly unrecordedName?: string;
}

/** The host that an API's rule asks for: its own, which must take in the name of its access, or that name. */
export function hostOf(
  api: IConstruct,
  host: string | undefined,
  { name, domainName }: AccessBinding,
): string | undefined {
  if (host === undefined) return domainName;
  const check = new Check(api);
  check.that(isKnown(host) && isHost(host), `host must be ${HOST_FORM} (got ${JSON.stringify(host)})`);
  check.that(
    domainName === undefined || holds(host, domainName),
    `host '${host}' does not take in '${domainName}', the domainName of ${name}: leave out host, or give one that does`,
  );
  check.done();
  return host;
}
