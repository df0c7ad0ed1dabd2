/**
 * Managed Instances that several APIs share: Amazon ECS places replicas of all of them on as few instances as it can. One
 * that has the instances to itself needs none of this.
 */
import type { CapacityProviderStrategy, ICluster } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { checkSameCluster } from './compute/fleet-place';
import { ManagedCapacity } from './compute/managed-capacity';
import { checkManagedCapacity } from './compute/managed-fit';
import type { ManagedCapacityOptions } from './compute/managed-options';
import type { ModelPlatform } from './model-platform';
import { Check } from './private/check';
import { checkGiven } from './private/required';

/** Of which kind the instances are, and in which cluster. */
export interface ManagedFleetProps extends ManagedCapacityOptions {
  /** The platform of the APIs that share the instances. */
  readonly platform: ModelPlatform;

  /**
   * GPUs that an instance has at least. How many a replica gets is said with the API.
   *
   * @default 0
   */
  readonly gpus?: number;
}

/** What an instance has at least, whoever comes. How large those are that AWS launches follows from the replicas. */
const LEAST = { vcpus: 1, memoryMiB: 512 } as const;

/** Instances of Amazon ECS Managed Instances that several APIs share. */
export class ManagedFleet extends Construct {
  /** The platform of the APIs that share the instances. */
  public readonly platform: ModelPlatform;

  /** @internal */
  public readonly _options: ManagedCapacityOptions;
  /** @internal */
  public readonly _gpus: number;

  private readonly strategies: CapacityProviderStrategy[];

  constructor(scope: Construct, id: string, props: ManagedFleetProps) {
    super(scope, id);
    const { platform, gpus = 0, ...options } = props;
    const check = new Check(this);
    checkGiven(check, 'platform', platform, '_admit', "a ModelPlatform, such as new ModelPlatform(stack, 'Platform')");
    check.integer('gpus', gpus, 0);
    checkManagedCapacity(check, options, gpus);
    check.done();
    this.platform = platform;
    this._options = options;
    this._gpus = gpus;
    const { cluster, vpcSubnets } = platform;
    this.strategies = new ManagedCapacity(this, 'Capacity', {
      ...options,
      cluster,
      vpcSubnets,
      gpus,
      ...LEAST,
    }).strategies;
  }

  /**
   * How a service in the cluster runs here.
   *
   * @internal
   */
  public _strategiesIn(api: Construct, cluster: ICluster): CapacityProviderStrategy[] {
    checkSameCluster(api, this, this.platform.cluster, cluster);
    return this.strategies;
  }
}
