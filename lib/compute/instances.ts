/**
 * Replicas on EC2 instances, of a fleet of the API's own or of one that several share. What a kind of compute adds, GPUs or
 * not, it says as a `Replica`; task and service are the same.
 */
import { Annotations, type Size } from 'aws-cdk-lib';
import type { SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  BuiltInAttributes,
  type CfnService,
  type CommonTaskDefinitionProps,
  CpuArchitecture,
  Ec2Service,
  Ec2TaskDefinition,
  type ICluster,
  NetworkMode,
  PlacementStrategy,
} from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import type { ModelFleet } from '../model-fleet';
import type { ComputeBinding } from './binding';
import { type Density, densityOf, type ReplicaSize } from './fit';
import { defineFleet } from './fleet';
import { checkSameCluster, ownCluster } from './fleet-place';
import type { FleetPlan } from './fleet-plan';

/** The fleet that was given, or none and the plan of the one to define. */
export interface Ground {
  readonly fleet?: ModelFleet;
  readonly plan: FleetPlan;
}

/** What one replica takes and gets. */
export interface Replica extends ReplicaSize {
  readonly memory: Size;
  readonly sharedMemory?: Size;
  readonly environment?: Record<string, string>;
  readonly cacheVolume?: string;
}

export function bindToInstances(ground: Ground, replica: Replica, maxReplicas?: number): ComputeBinding {
  const { plan, fleet } = ground;
  const { cpu, memory, gpus, sharedMemory, environment, cacheVolume } = replica;
  const density = densityOf(plan.machines, replica, plan.eniTrunking);
  const room = roomOf(plan, density, maxReplicas);
  const isArm = plan.architecture === 'arm64';
  return {
    platform: isArm ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
    architecture: isArm ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64,
    cpu,
    memory,
    gpus,
    hasSpareCapacity: room.replicas > (maxReplicas ?? 1),
    roomFor: room.replicas,
    // The agent waits as long as the task says.
    stopTimeoutLimit: Number.POSITIVE_INFINITY,
    interruptible: plan.spot !== undefined,
    container: { gpuCount: gpus || undefined, environment },
    linux: { sharedMemorySize: sharedMemory?.toMebibytes() },
    cacheVolume,
    defineTask: (parent, id, props) => defineTask(parent, id, props, replica),
    defineService: (parent, id, parts) => {
      warnOfDensity(parent, plan, density);
      warnOfRoom(parent, room, maxReplicas);
      const capacityProvider = fleet
        ? providerOf(parent, fleet, parts.cluster)
        : defineOwn(parent, plan, room.instances, parts.cluster, parts.vpcSubnets);
      const service = new Ec2Service(parent, id, {
        ...parts,
        // A single provider, so that its weight is its share of everything: Spot is the group's affair.
        capacityProviderStrategies: [{ capacityProvider, weight: 1 }],
        placementStrategies: [
          PlacementStrategy.spreadAcross(BuiltInAttributes.AVAILABILITY_ZONE),
          PlacementStrategy.packedByMemory(),
        ],
      });
      // It says what is so anyhow, and would replace a service that ran on Fargate before.
      (service.node.findChild('Service') as CfnService).schedulingStrategy = undefined;
      return service;
    },
  };
}

function defineTask(parent: Construct, id: string, props: CommonTaskDefinitionProps, { cpu, memory }: Replica) {
  // The props of its constructor leave out the size of the whole task, which it hands on all the same.
  const sized = {
    ...props,
    networkMode: NetworkMode.AWS_VPC,
    cpu: String(cpu),
    memoryMiB: String(memory.toMebibytes()),
  };
  return new Ec2TaskDefinition(parent, id, sized);
}

function providerOf(parent: Construct, fleet: ModelFleet, cluster: ICluster): string {
  checkSameCluster(parent, fleet, fleet._cluster, cluster);
  return fleet.capacityProvider.capacityProviderName;
}

function defineOwn(
  parent: Construct,
  plan: FleetPlan,
  maxInstances: number,
  given: ICluster,
  vpcSubnets?: SubnetSelection,
): string {
  const cluster = ownCluster(parent, given);
  const { capacityProvider } = defineFleet(new Construct(parent, 'Fleet'), plan, { cluster, vpcSubnets, maxInstances });
  return capacityProvider.capacityProviderName;
}

/** Replicas that run at a time unless scaling says otherwise. */
const DEFAULT_MAX_REPLICAS = 10;

interface Room {
  readonly instances: number;
  readonly perInstance: number;
  readonly replicas: number;
}

/** What was not bounded is twice of what may run, for a deployment. */
function roomOf({ maxInstances, minInstances }: FleetPlan, density: Density, maxReplicas = DEFAULT_MAX_REPLICAS): Room {
  const perInstance = Math.max(1, Math.min(density.bySize, density.byInterfaces));
  const instances = maxInstances ?? Math.max(minInstances, Math.ceil((2 * maxReplicas) / perInstance));
  return { instances, perInstance, replicas: instances * perInstance };
}

function warnOfDensity(scope: Construct, { machines }: FleetPlan, { bySize, byInterfaces }: Density): void {
  if (byInterfaces >= bySize) return;
  const types = machines.map(({ instanceType }) => instanceType).join(', ');
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:networkInterfacesLimitReplicas',
    `an instance (${types}) holds ${bySize} replicas by CPU and memory, but each needs a network interface, and there are ${byInterfaces}: what is left stays unused. Turn on the account setting awsvpcTrunking and say eniTrunking: true, or take smaller instances or larger replicas`,
  );
}

function warnOfRoom(scope: Construct, { instances, perInstance, replicas }: Room, maxReplicas?: number): void {
  if (maxReplicas === undefined || maxReplicas <= replicas) return;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:replicasExceedInstances',
    `scaling may ask for ${maxReplicas} replicas, and ${instances} instances (maxInstances) hold ${replicas}: the others wait until some go. Raise maxInstances to ${Math.ceil(maxReplicas / perInstance)}, or lower maxReplicas`,
  );
}
