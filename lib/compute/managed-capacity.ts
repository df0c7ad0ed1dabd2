/**
 * The capacity providers behind replicas on Managed Instances: one on demand, one on Spot, as far as they are wanted. Such
 * a provider is made within a cluster and is its part from then on, without an association that a stack would have to
 * keep: it may stand in another stack than the cluster, which may be anybody's.
 */
import { Size } from 'aws-cdk-lib';
import {
  AcceleratorManufacturer,
  AcceleratorType,
  BareMetal,
  BurstablePerformance,
  CpuManufacturer,
  type InstanceRequirementsConfig,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import {
  CapacityOptionType,
  type CapacityProviderStrategy,
  type ICluster,
  ManagedInstancesCapacityProvider,
  type ManagedInstancesCapacityProviderProps,
  PropagateManagedInstancesTags,
} from 'aws-cdk-lib/aws-ecs';
import { InstanceProfile, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { sharesOf } from './capacity-shares';
import { memoryAround } from './instance-catalogue';
import type { ManagedCapacityOptions } from './managed-options';
import { orderProvider } from './managed-order';
import { defineInfrastructureRole, defineInstanceRole } from './managed-roles';
import { architectureOf, isBareMetal, isBurstable, warnOfSizes } from './managed-types';

export interface ManagedCapacityProps extends ManagedCapacityOptions {
  readonly cluster: ICluster;
  readonly vpcSubnets?: SubnetSelection;
  /** What an instance must have at least: room for one replica. */
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly gpus: number;
}

type Shared = Omit<
  ManagedInstancesCapacityProviderProps,
  'instanceRequirements' | 'capacityOptionType' | 'securityGroups'
>;

export class ManagedCapacity extends Construct {
  /** On demand first. */
  public readonly providers: ManagedInstancesCapacityProvider[];
  /** What a service says to run here. */
  public readonly strategies: CapacityProviderStrategy[];
  public readonly instanceRole: Role;
  public readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: ManagedCapacityProps) {
    super(scope, id);
    const { cluster, instanceTypes } = props;
    warnOfSizes(this, instanceTypes);
    this.instanceRole = defineInstanceRole(this, 'InstanceRole', cluster);
    const shared = this.defineShared(props);
    const { vpc } = cluster;
    // Replicas have network interfaces of their own: nobody has to reach the instances.
    const description = 'Instances of replicas of a model API';
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', { vpc, description });
    const capacities = sharesOf(props).map(({ spot, ...share }) => ({
      provider: this.defineProvider(spot, shared, props),
      share,
    }));
    this.providers = capacities.map(({ provider }) => provider);
    this.strategies = capacities.map(({ provider, share }) => ({
      capacityProvider: provider.capacityProviderName,
      ...share,
    }));
  }

  private defineShared({ cluster: { vpc }, vpcSubnets, taskVolumeStorage }: ManagedCapacityProps): Shared {
    const role = this.instanceRole;
    return {
      infrastructureRole: defineInfrastructureRole(this, 'InfrastructureRole', role),
      ec2InstanceProfile: new InstanceProfile(this, 'InstanceProfile', { role }),
      subnets: vpc.selectSubnets(vpcSubnets).subnets,
      taskVolumeStorage,
      // Of an instance without tags nobody would know whose it is and who pays.
      propagateTags: PropagateManagedInstancesTags.CAPACITY_PROVIDER,
    };
  }

  /**
   * It comes after the cluster's other capacity providers, since a cluster takes one change at a time. Until its last
   * instance is gone it needs all that an instance does: Amazon ECS waits for an agent that has lost its way out.
   */
  private defineProvider(spot: boolean, shared: Shared, props: ManagedCapacityProps): ManagedInstancesCapacityProvider {
    const { cluster, vpcSubnets } = props;
    const provider = new ManagedInstancesCapacityProvider(this, spot ? 'Spot' : 'OnDemand', {
      ...shared,
      securityGroups: [this.securityGroup],
      capacityOptionType: CapacityOptionType[spot ? 'SPOT' : 'ON_DEMAND'],
      instanceRequirements: requirementsOf(props, spot),
    });
    provider.bind(cluster);
    provider.node.addDependency(cluster, cluster.vpc.selectSubnets(vpcSubnets).internetConnectivityEstablished);
    orderProvider(provider, cluster);
    return provider;
  }
}

function requirementsOf(props: ManagedCapacityProps, spot: boolean): InstanceRequirementsConfig {
  const { vcpus, memoryMiB, gpus, gpuNames, instanceTypes } = props;
  const { INTEL, AMD, AWS } = CpuManufacturer;
  return {
    vCpuCountMin: vcpus,
    memoryMin: Size.mebibytes(memoryAround(memoryMiB)),
    cpuManufacturers: architectureOf(props) === 'arm64' ? [AWS] : [INTEL, AMD],
    ...(gpus > 0
      ? {
          acceleratorTypes: [AcceleratorType.GPU],
          acceleratorManufacturers: [AcceleratorManufacturer.NVIDIA],
          acceleratorNames: gpuNames,
          acceleratorCountMin: gpus,
        }
      : // A pattern such as `g*` would have some, paid for and used by nobody.
        { acceleratorCountMax: 0 }),
    ...(instanceTypes && choiceOf(instanceTypes, spot)),
  };
}

/** By which AWS turns off its bound on the price beside that of the cheapest type. */
const ANY_PERCENTAGE = 999_999;

/** Types that were named are not dropped again by requirements that nobody said. */
function choiceOf(instanceTypes: string[], spot: boolean): Partial<InstanceRequirementsConfig> {
  const anyPrice = instanceTypes.some((type) => type.includes('*')) ? undefined : ANY_PERCENTAGE;
  return {
    allowedInstanceTypes: instanceTypes,
    burstablePerformance: instanceTypes.some(isBurstable) ? BurstablePerformance.INCLUDED : undefined,
    bareMetal: instanceTypes.some(isBareMetal) ? BareMetal.INCLUDED : undefined,
    ...(spot
      ? { spotMaxPricePercentageOverLowestPrice: anyPrice }
      : { onDemandMaxPricePercentageOverLowestPrice: anyPrice }),
  };
}
