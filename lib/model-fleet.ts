/**
 * EC2 instances that several APIs share. Each API keeps its own roles, security groups and network interfaces; what they
 * share is the machine, its disk and its cost.
 */
import type { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import type { Connections, IConnectable, InstanceType, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { AsgCapacityProvider, ICluster } from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { defineFleet } from './compute/fleet';
import { type Claim, FleetClaims } from './compute/fleet-claims';
import type { FleetOptions } from './compute/fleet-options';
import { ownCluster } from './compute/fleet-place';
import { type FleetPlan, planFleet } from './compute/fleet-plan';
import type { ModelPlatform } from './model-platform';
import { Check } from './private/check';
import { checkGiven } from './private/required';

/** Which instances, how many, and for whom. */
export interface ModelFleetProps extends FleetOptions {
  /** The platform whose APIs run on the fleet, in the stack of its cluster. */
  readonly platform: ModelPlatform;

  /**
   * The types of instances, of one architecture and all with GPUs or all without. Every replica must fit each of them. On
   * demand the first comes first.
   */
  readonly instanceTypes: InstanceType[];

  /**
   * The subnets in which instances run, in zones of the subnets of the APIs' replicas.
   *
   * @default - those of `platform`
   */
  readonly vpcSubnets?: SubnetSelection;
}

const DEFAULT_MAX_INSTANCES = 10;

/**
 * EC2 instances that several APIs of one platform share. ECS fills them, adds some when replicas find no room, and takes
 * away those that are not needed.
 */
export class ModelFleet extends Construct implements IConnectable {
  /** The group of instances. */
  public readonly autoScalingGroup: AutoScalingGroup;
  /** What services run on, for those of yours too. */
  public readonly capacityProvider: AsgCapacityProvider;
  /** What the instances may do. Handlers act as the task role of their API. */
  public readonly instanceRole: IRole;
  /** The security group of the instances. Replicas have their own. */
  public readonly connections: Connections;

  /** The platform whose APIs run on it. */
  public readonly platform: ModelPlatform;

  /** @internal */
  public readonly _plan: FleetPlan;
  /** @internal */
  public readonly _cluster: ICluster;
  /** @internal */
  public readonly _vpcSubnets?: SubnetSelection;

  private readonly claims: FleetClaims;

  constructor(scope: Construct, id: string, props: ModelFleetProps) {
    super(scope, id);
    const check = new Check(this);
    checkGiven(
      check,
      'platform',
      props.platform,
      '_admit',
      "a ModelPlatform, such as new ModelPlatform(stack, 'Platform')",
    );
    const { maxInstances = DEFAULT_MAX_INSTANCES } = props;
    this._plan = planFleet(check, props.instanceTypes ?? [], { ...props, maxInstances });
    check.done();
    this.platform = props.platform;
    const { cluster } = props.platform;
    const vpcSubnets = props.vpcSubnets ?? props.platform.vpcSubnets;
    this._cluster = cluster;
    this._vpcSubnets = vpcSubnets;
    this.claims = new FleetClaims(this, this._plan, maxInstances);
    const fleet = defineFleet(this, this._plan, { cluster: ownCluster(this, cluster), vpcSubnets, maxInstances });
    this.autoScalingGroup = fleet.autoScalingGroup;
    this.capacityProvider = fleet.capacityProvider;
    this.instanceRole = fleet.instanceRole;
    this.connections = fleet.autoScalingGroup.connections;
  }

  /**
   * Takes note of what an API asks of the instances.
   *
   * @internal
   */
  public _claim(claim: Claim): void {
    this.claims.add(claim);
  }
}
