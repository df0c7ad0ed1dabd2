/**
 * Where replicas run. A compute is a description; the API that it is given to has it define a task and a service. It does
 * not say how many replicas run: `Scaling` does.
 */
import type { Construct } from 'constructs';
import type { ComputeBinding } from './compute/binding';
import { bindEc2, type Ec2Options } from './compute/ec2';
import { bindFargate, type FargateOptions } from './compute/fargate';
import { bindGpu, type GpuOptions } from './compute/gpu';
import { bindManagedInstances, type ManagedInstancesOptions } from './compute/managed-instances';
import type { ReplicaRange } from './scaling/limits';

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
   * EC2 instances: a fleet of the API's own, or one that several APIs share (`ModelFleet`).
   *
   * @param options which instances, and how much of one a replica gets
   */
  public static ec2(options: Ec2Options): Compute {
    return new BoundCompute((scope, replicas) => bindEc2(scope, { ...options }, replicas));
  }

  /**
   * EC2 instances with NVIDIA GPUs. A replica has its GPUs to itself.
   *
   * @param options which instances, and how much of one a replica gets
   */
  public static gpu(options: GpuOptions): Compute {
    return new BoundCompute((scope, replicas) => bindGpu(scope, { ...options }, replicas));
  }

  /**
   * Amazon ECS Managed Instances: EC2 instances that AWS chooses, launches, patches and ends, with GPUs where they are asked
   * for. AWS replaces each within 14 to 21 days, replica by replica.
   *
   * @param options how much of one, and of which kind
   */
  public static managedInstances(options: ManagedInstancesOptions = {}): Compute {
    return new BoundCompute((scope) => bindManagedInstances(scope, options));
  }

  /**
   * May be asked several times, and defines nothing itself.
   *
   * @param replicas how many may run; left out where the task alone is asked for
   * @internal
   */
  public abstract _bind(scope: Construct, replicas?: ReplicaRange): ComputeBinding;
}

type Bind = (scope: Construct, replicas?: ReplicaRange) => ComputeBinding;

/** Each kind is a function in a file of its own. */
class BoundCompute extends Compute {
  constructor(private readonly bind: Bind) {
    super();
  }

  public _bind(scope: Construct, replicas?: ReplicaRange): ComputeBinding {
    return this.bind(scope, replicas);
  }
}
