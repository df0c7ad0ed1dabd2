/**
 * A group of EC2 instances that ECS fills with replicas: launch template, Auto Scaling group, capacity provider. Whoever
 * has it, an API or a `ModelFleet`, the constructs and their names are the same, so that one may take over the other's.
 *
 * Instances are not protected from scale-in, since CloudFormation could not delete a group that has such ones. ECS drains
 * an instance before it goes instead: its replicas move, and finish what they have.
 */
import {
  AutoScalingGroup,
  type CommonAutoScalingGroupProps,
  GroupMetrics,
  InstanceRefreshStrategy,
  OnDemandAllocationStrategy,
  PoolState,
  SpotAllocationStrategy,
  UpdatePolicy,
  WarmPool,
} from 'aws-cdk-lib/aws-autoscaling';
import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  type IMachineImage,
  InstanceType,
  LaunchTemplate,
  OperatingSystemType,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { AmiHardwareType, AsgCapacityProvider, type Cluster, EcsOptimizedImage } from 'aws-cdk-lib/aws-ecs';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { Check } from '../private/check';
import { agentUserData } from './agent-config';
import type { FleetPlan } from './fleet-plan';
import { defineInstanceRole } from './instance-role';

export interface FleetPlace {
  readonly cluster: Cluster;
  readonly vpcSubnets?: SubnetSelection;
  readonly maxInstances: number;
}

export interface Fleet {
  readonly autoScalingGroup: AutoScalingGroup;
  readonly capacityProvider: AsgCapacityProvider;
  readonly instanceRole: Role;
}

export function defineFleet(scope: Construct, plan: FleetPlan, place: FleetPlace): Fleet {
  const { cluster } = place;
  const instanceRole = defineInstanceRole(scope, cluster);
  const launchTemplate = defineLaunchTemplate(scope, plan, place, instanceRole);
  const autoScalingGroup = defineGroup(scope, plan, place, launchTemplate);
  if (plan.warmInstances > 0) defineWarmPool(scope, plan, autoScalingGroup);
  const capacityProvider = new AsgCapacityProvider(scope, 'CapacityProvider', {
    autoScalingGroup,
    enableManagedScaling: true,
    enableManagedTerminationProtection: false,
    enableManagedDraining: true,
    targetCapacityPercent: plan.targetCapacityPercent,
  });
  cluster.addAsgCapacityProvider(capacityProvider);
  return { autoScalingGroup, capacityProvider, instanceRole };
}

function defineLaunchTemplate(
  scope: Construct,
  plan: FleetPlan,
  { cluster: { vpc } }: FleetPlace,
  role: Role,
): LaunchTemplate {
  const volume = BlockDeviceVolume.ebs(plan.rootVolume.toGibibytes(), {
    volumeType: EbsDeviceVolumeType.GP3,
    encrypted: true,
  });
  const launchTemplate = new LaunchTemplate(scope, 'LaunchTemplate', {
    machineImage: plan.machineImage ?? imageFor(plan),
    instanceType: new InstanceType(plan.machines[0]?.instanceType ?? ''),
    userData: agentUserData(plan),
    // What the CDK would add for the agent is for all clusters and all logs.
    role: role.withoutPolicyUpdates(),
    securityGroup: new SecurityGroup(scope, 'SecurityGroup', {
      vpc,
      description: 'Instances of a fleet for model APIs',
    }),
    associatePublicIpAddress: false,
    requireImdsv2: true,
    httpPutResponseHopLimit: 1,
    blockDevices: [{ deviceName: '/dev/xvda', volume }],
  });
  const check = new Check(scope);
  check.that(
    launchTemplate.osType !== OperatingSystemType.WINDOWS,
    'machineImage has Windows, and replicas are Linux containers: give one of Amazon Linux 2023 with the ECS agent',
  );
  check.done();
  return launchTemplate;
}

function imageFor({ hasGpus, architecture }: FleetPlan): IMachineImage {
  if (hasGpus) return EcsOptimizedImage.amazonLinux2023(AmiHardwareType.GPU);
  return EcsOptimizedImage.amazonLinux2023(architecture === 'arm64' ? AmiHardwareType.ARM : AmiHardwareType.STANDARD);
}

function defineGroup(
  scope: Construct,
  plan: FleetPlan,
  { cluster: { vpc }, vpcSubnets, maxInstances }: FleetPlace,
  launchTemplate: LaunchTemplate,
): AutoScalingGroup {
  const group = new AutoScalingGroup(scope, 'Group', {
    vpc,
    vpcSubnets,
    minCapacity: plan.minInstances,
    maxCapacity: maxInstances,
    ...launchOf(plan, launchTemplate),
    newInstancesProtectedFromScaleIn: false,
    groupMetrics: [GroupMetrics.all()],
    // A successor comes as soon as AWS fears for an instance, and not when that has gone.
    capacityRebalance: plan.spot ? true : undefined,
    // A new image of instances reaches those that run: a new one first, then an old one is drained.
    updatePolicy: UpdatePolicy.instanceRefresh({
      strategy: InstanceRefreshStrategy.ROLLING,
      minHealthyPercentage: 100,
      maxHealthyPercentage: 120,
    }),
  });
  // An instance registers with its cluster over that way, and says goodbye over it.
  group.node.addDependency(vpc.selectSubnets(vpcSubnets).internetConnectivityEstablished);
  acknowledge(
    group,
    'AS3',
    'Instances come and go with the replicas, whose alarms say when some are missing; group metrics have the rest.',
  );
  acknowledge(
    group,
    'EC26',
    'The disk is encrypted, as the launch template says; the rule fails where that stands in a policy for several instance types.',
  );
  return group;
}

/** A policy for several kinds of instances only where there are several: warm ones are refused with one. */
function launchOf({ machines, spot }: FleetPlan, launchTemplate: LaunchTemplate): LaunchProps {
  if (machines.length === 1 && !spot) return { launchTemplate };
  const { onDemandBase = 0, onDemandPercent = 100 } = spot ?? {};
  return {
    mixedInstancesPolicy: {
      launchTemplate,
      launchTemplateOverrides: machines.map(({ instanceType }) => ({ instanceType: new InstanceType(instanceType) })),
      instancesDistribution: {
        onDemandAllocationStrategy: OnDemandAllocationStrategy.PRIORITIZED,
        onDemandBaseCapacity: onDemandBase,
        onDemandPercentageAboveBaseCapacity: onDemandPercent,
        spotAllocationStrategy: SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
      },
    },
  };
}

type LaunchProps = Pick<
  CommonAutoScalingGroupProps & ConstructorParameters<typeof AutoScalingGroup>[2],
  'launchTemplate' | 'mixedInstancesPolicy'
>;

/** Two equal numbers are a size; one alone would fill the pool up to the group's maximum. */
function defineWarmPool(scope: Construct, { warmInstances }: FleetPlan, autoScalingGroup: AutoScalingGroup): void {
  new WarmPool(scope, 'WarmPool', {
    autoScalingGroup,
    minSize: warmInstances,
    maxGroupPreparedCapacity: warmInstances,
    poolState: PoolState.STOPPED,
    reuseOnScaleIn: false,
  });
}
