/** What is said of the instances behind Managed Instances, by one API or by a fleet for several. */
import type { Size } from 'aws-cdk-lib';
import type { AcceleratorName } from 'aws-cdk-lib/aws-ec2';
import type { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';

/** The instances that Amazon ECS launches, patches and ends by itself. */
export interface ManagedCapacityOptions {
  /**
   * The only instance types to choose from, by name (`g5.xlarge`) or by a pattern (`m7i.*`, `c*`). Types with burstable
   * performance and bare metal are taken where they are named. Names without a pattern are taken at any price, so that
   * the next one serves where the cheapest has no capacity.
   *
   * @default - what AWS finds cheapest among all that have enough, without burstable types and bare metal
   */
  readonly instanceTypes?: string[];

  /**
   * The models of NVIDIA GPU to choose from, such as `AcceleratorName.A10G`, as far as Amazon ECS knows them by name: A100,
   * A10G, H100, K520, K80, M60, T4, T4G and V100. Others, such as L4 and L40S, by `instanceTypes: ['g6.*']` and `['g6e.*']`.
   *
   * @default - any
   */
  readonly gpuNames?: AcceleratorName[];

  /**
   * The processors' architecture. The image is built for it.
   *
   * @default CpuArchitecture.X86_64
   */
  readonly architecture?: CpuArchitecture;

  /**
   * The share of replicas, 0 to 1, that run on Spot instances: cheaper, and taken away with two minutes' notice when AWS
   * needs the capacity back, with all replicas on them.
   *
   * Where Spot has no capacity, its share is not started at all, and not on demand instead: at 1 there may be times
   * without any replica. Keep some by `onDemandBase`. Counted in thousandths.
   *
   * @default 0
   */
  readonly spotShare?: number;

  /**
   * Replicas of an API that never run on Spot; `spotShare` is of those beyond them.
   *
   * @default 0
   */
  readonly onDemandBase?: number;

  /**
   * Disk of an instance, for the images and everything that its replicas write, in whole GiB. They share it.
   *
   * @default - 80 GiB
   */
  readonly taskVolumeStorage?: Size;
}
