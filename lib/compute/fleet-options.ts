/**
 * What a group of EC2 instances may be told, whether one API has it to itself or several share it, and the checks of it.
 * How large a replica is stands with the kind of compute; whether it fits is said in `fit.ts`.
 */
import type { Size } from 'aws-cdk-lib';
import type { IMachineImage } from 'aws-cdk-lib/aws-ec2';
import type { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';

/** What an instance of a type has, where this library does not know it. */
export interface InstanceTypeSpec {
  /** Its vCPUs. */
  readonly vcpus: number;

  /** Its memory, as AWS lists it. */
  readonly memory: Size;

  /** Network interfaces that it can have, as AWS lists them. */
  readonly networkInterfaces: number;

  /**
   * Its NVIDIA GPUs.
   *
   * @default 0
   */
  readonly gpus?: number;

  /**
   * Its processors' architecture.
   *
   * @default CpuArchitecture.X86_64
   */
  readonly architecture?: CpuArchitecture;
}

/** A group of EC2 instances. */
export interface FleetOptions {
  /**
   * Instances that always run, also when replicas need none.
   *
   * @default 0
   */
  readonly minInstances?: number;

  /**
   * Instances that may run. Where these hold no more replicas than scaling may ask for, a deployment has to stop old
   * replicas before new ones are ready.
   *
   * @default - 10 in a `ModelFleet`, else as many as twice the `maxReplicas` of scaling need
   */
  readonly maxInstances?: number;

  /**
   * The share of the running instances, 0 to below 1, that is kept free, so that new replicas need not wait for an
   * instance: at 0.5 as many are free as are needed. Rounded up to whole instances; where no replica runs, none is kept,
   * but `minInstances`.
   *
   * @default 0
   */
  readonly spareShare?: number;

  /**
   * Instances that were started once and stopped again, to be there sooner when they are needed: some 30 seconds instead
   * of two minutes. While stopped they cost their disk alone. At most `maxInstances`; neither for Spot nor for several
   * instance types.
   *
   * @default 0
   */
  readonly warmInstances?: number;

  /**
   * The share of instances, 0 to 1, that run on Spot: up to 90 % cheaper, and taken away with two minutes' notice. Where
   * Spot has no capacity its share is not started, and not on demand instead: name several instance types, and keep some
   * by `onDemandBase`. Counted in hundredths.
   *
   * @default 0
   */
  readonly spotShare?: number;

  /**
   * Instances that never run on Spot; `spotShare` is of those beyond them.
   *
   * @default 0
   */
  readonly onDemandBase?: number;

  /**
   * The disk of an instance, encrypted: for images and for what replicas write. 30 GiB at least, and 60 with GPUs, since
   * an image with CUDA takes up to 10.
   *
   * @default - 50 GiB, 100 GiB with GPUs
   */
  readonly rootVolume?: Size;

  /**
   * Whether the account setting `awsvpcTrunking` is on. It lets an instance run more replicas than it has network
   * interfaces. Refused for instance types that AWS has no trunks for: T3, T3a, T4g, P3.
   *
   * @default false
   */
  readonly eniTrunking?: boolean;

  /**
   * What instances have, by the names of their types, where this library does not know them or is wrong.
   *
   * @default - its own list
   */
  readonly instanceSpecs?: { readonly [instanceType: string]: InstanceTypeSpec };

  /**
   * The image of instances: Amazon Linux 2023 with the ECS agent, such as one of yours with model images in it.
   *
   * @default - the newest one optimized for Amazon ECS at each deployment, for GPUs where there are some
   */
  readonly machineImage?: IMachineImage;
}
