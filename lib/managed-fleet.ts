/**
 * Managed Instances that several APIs share: Amazon ECS places replicas of all of them on as few instances as it can. One
 * that has the instances to itself needs none of this.
 */
import { Stack, Token } from 'aws-cdk-lib';
import type { Connections, IConnectable, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { CapacityProviderStrategy, ICluster, ManagedInstancesCapacityProvider } from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import { checkSameCluster } from './compute/fleet-place';
import { checkZones } from './compute/fleet-zones';
import { ManagedCapacity } from './compute/managed-capacity';
import { checkManagedCapacity, MOST_GPUS } from './compute/managed-fit';
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
export class ManagedFleet extends Construct implements IConnectable {
  /** The platform of the APIs that share the instances. */
  public readonly platform: ModelPlatform;
  /** What makes the instances: on demand first, then on Spot, as far as they are wanted. */
  public readonly capacityProviders: ManagedInstancesCapacityProvider[];
  /** How services run here, those of yours too: the providers with their weights. */
  public readonly capacityProviderStrategies: CapacityProviderStrategy[];
  /** What the instances may do. Handlers act as the task role of their API. */
  public readonly instanceRole: IRole;
  /** The security group of the instances. Replicas have their own. */
  public readonly connections: Connections;

  /** @internal */
  public readonly _options: ManagedCapacityOptions;
  /** @internal */
  public readonly _gpus: number;

  constructor(scope: Construct, id: string, props: ManagedFleetProps) {
    super(scope, id);
    const { platform, gpus = 0, ...options } = props;
    const check = new Check(this);
    checkGiven(check, 'platform', platform, '_admit', "a ModelPlatform, such as new ModelPlatform(stack, 'Platform')");
    check.that(!Token.isUnresolved(gpus), 'gpus must be known at synth: the instances are chosen by it');
    check.integer('gpus', gpus, 0, MOST_GPUS);
    checkManagedCapacity(check, options, gpus);
    check.done();
    this.platform = platform;
    this._options = options;
    this._gpus = gpus;
    const { cluster, vpcSubnets } = platform;
    const capacity = new ManagedCapacity(this, 'Capacity', { ...options, cluster, vpcSubnets, gpus, ...LEAST });
    this.capacityProviders = capacity.providers;
    this.capacityProviderStrategies = capacity.strategies;
    this.instanceRole = capacity.instanceRole;
    this.connections = capacity.securityGroup.connections;
  }

  /**
   * How a service in the cluster runs here.
   *
   * @internal
   */
  public _strategiesIn(api: Construct, cluster: ICluster, vpcSubnets?: SubnetSelection): CapacityProviderStrategy[] {
    checkSameCluster(api, this, this.platform.cluster, cluster);
    this.checkStack(api, cluster);
    checkZones(api, cluster.vpc, { ofFleet: this.platform.vpcSubnets, ofReplicas: vpcSubnets });
    return this.capacityProviderStrategies;
  }

  /** The API needs the fleet, and the fleet its cluster: in two stacks these would wait for each other. */
  private checkStack(api: Construct, cluster: ICluster): void {
    const [ours, theirs] = [deploymentOf(api), deploymentOf(this)];
    if (ours === theirs) return;
    const check = new Check(api);
    check.that(
      ![cluster, cluster.vpc].some((one) => deploymentOf(one) === ours),
      `the fleet ${this.node.path} is in the stack ${theirs.node.path}, which needs the cluster ${cluster.node.path} of ${ours.node.path}, where the API is: define the fleet in ${ours.node.path}, or the API in ${theirs.node.path} or a stack of its own`,
    );
    check.done();
  }
}

/** The stack that is deployed by itself: nested ones are its resources. */
function deploymentOf(scope: IConstruct): Stack {
  const stack = Stack.of(scope);
  return stack.nestedStackParent ? deploymentOf(stack.nestedStackParent) : stack;
}
