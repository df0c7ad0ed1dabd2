/**
 * Replicas on EC2 instances, of a fleet of the API's own or of one that several share. What a kind of compute adds, GPUs or
 * not, it says as a `Replica`; task and service are the same.
 */
import type { Size } from 'aws-cdk-lib';
import type { SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  BuiltInAttributes,
  type CfnService,
  type CommonTaskDefinitionProps,
  CpuArchitecture,
  DeploymentStrategy,
  Ec2Service,
  Ec2TaskDefinition,
  NetworkMode,
  PlacementStrategy,
} from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { ModelFleet, type ModelFleetProps } from '../model-fleet';
import type { ModelPlatform } from '../model-platform';
import type { ReplicaRange } from '../scaling/limits';
import type { ComputeBinding } from './binding';
import { densityOf, type ReplicaSize } from './fit';
import type { FleetOptions } from './fleet-options';
import { checkSameCluster, ownCluster } from './fleet-place';
import type { FleetPlan } from './fleet-plan';
import { checkZones } from './fleet-zones';
import { checkRoom, type Room, roomOf, warnOfDensity, warnOfIdleGpus, warnOfRoom } from './room';

/** The fleet that was given, or none and the plan of the one to define. */
export interface Ground {
  readonly fleet?: ModelFleet;
  readonly plan: FleetPlan;
  /** What was said of the one to define. */
  readonly own: FleetOptions & Pick<ModelFleetProps, 'instanceTypes'>;
}

/** Where an API runs. */
interface Place {
  readonly platform: ModelPlatform;
  readonly vpcSubnets?: SubnetSelection;
  readonly replica: ReplicaSize;
}

/** What one replica takes and gets. */
export interface Replica extends ReplicaSize {
  readonly memory: Size;
  readonly sharedMemory?: Size;
  readonly environment?: Record<string, string>;
  readonly cacheVolume?: string;
}

/** Replicas of which nothing is known but the task. */
const UNKNOWN: ReplicaRange = { max: 10 };

export function bindToInstances(
  scope: Construct,
  ground: Ground,
  replica: Replica,
  range: ReplicaRange = UNKNOWN,
): ComputeBinding {
  const { plan } = ground;
  const { cpu, memory, gpus, sharedMemory, environment, cacheVolume } = replica;
  // Without a maximum the check of room throws.
  const { max = 1 } = range;
  const density = densityOf(plan.machines, replica);
  const room = roomOf(plan, density, max);
  checkRoom(scope, room, range);
  const isArm = plan.architecture === 'arm64';
  let fleet = ground.fleet;
  return {
    platform: isArm ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
    architecture: isArm ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64,
    cpu,
    memory,
    gpus,
    hasSpareCapacity: room.replicas > max,
    roomFor: room.replicas,
    // The agent waits as long as the task says.
    stopTimeoutLimit: Number.POSITIVE_INFINITY,
    interruptible: plan.spot !== undefined,
    container: { gpuCount: gpus || undefined, environment },
    linux: { sharedMemorySize: sharedMemory?.toMebibytes() },
    cacheVolume,
    defineTask: (parent, id, props) => defineTask(parent, id, props, replica),
    defineService: (parent, id, parts, platform) => {
      warnOfDensity(parent, plan, density);
      warnOfRoom(parent, room, range);
      fleet = fleetFor(parent, ground, room, { platform, vpcSubnets: parts.vpcSubnets, replica });
      const { deploymentStrategy } = parts;
      const doubles = deploymentStrategy !== undefined && deploymentStrategy !== DeploymentStrategy.ROLLING;
      fleet._claim({ api: parent.node.path, size: replica, replicas: range, doubles });
      const { capacityProviderName: capacityProvider } = fleet.capacityProvider;
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
    get fleet() {
      return fleet;
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

/** The fleet that was given, or one of the API's own: with the same constructs and names, so that one may take over the other. */
function fleetFor(parent: Construct, { fleet, plan, own }: Ground, room: Room, place: Place): ModelFleet {
  const { platform, vpcSubnets } = place;
  if (fleet) {
    checkSameCluster(parent, fleet, fleet._cluster, platform.cluster);
    checkZones(parent, platform.vpc, { ofFleet: fleet._vpcSubnets, ofReplicas: vpcSubnets });
    return fleet;
  }
  ownCluster(parent, platform.cluster);
  warnOfIdleGpus(parent, plan, room, place.replica);
  return new ModelFleet(parent, 'Fleet', { ...own, platform, vpcSubnets, maxInstances: room.instances });
}
