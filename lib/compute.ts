/**
 * Where replicas run. A compute is a description; the API that it is given to has it define a task and a service. It does
 * not say how many replicas run: `Scaling` does.
 */
import type { Construct } from 'constructs';
import type { ComputeBinding } from './compute/binding';
import { bindFargate, type FargateOptions } from './compute/fargate';

/** Where replicas run. */
export abstract class Compute {
  /**
   * AWS Fargate: no machines to look after.
   *
   * @param options how much of it, and of which kind
   */
  public static fargate(options: FargateOptions = {}): Compute {
    return new BoundCompute((scope) => bindFargate(scope, options));
  }

  /**
   * May be asked several times, and defines nothing itself.
   *
   * @internal
   */
  public abstract _bind(scope: Construct): ComputeBinding;
}

/** Each kind is a function in a file of its own. */
class BoundCompute extends Compute {
  constructor(private readonly bind: (scope: Construct) => ComputeBinding) {
    super();
  }

  public _bind(scope: Construct): ComputeBinding {
    return this.bind(scope);
  }
}
