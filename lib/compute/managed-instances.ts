/** Replicas on Amazon ECS Managed Instances: EC2 without machines to look after, sizes of any kind, and GPUs. */
import { Size, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  Compatibility,
  CpuArchitecture,
  FargateService,
  OperatingSystemFamily,
  TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { ManagedFleet } from '../managed-fleet';
import { Check, isKnown } from '../private/check';
import { checkGiven } from '../private/required';
import type { ComputeBinding, ServiceParts } from './binding';
import { sharesOf } from './capacity-shares';
import { GPU_ENVIRONMENT } from './gpu-environment';
import { ManagedCapacity } from './managed-capacity';
import { checkManagedCapacity, checkManagedReplica, type ManagedSize, VCPU } from './managed-fit';
import type { ManagedCapacityOptions } from './managed-options';
import { noteUse } from './managed-order';
import { checkForeign } from './replica-checks';

/** How much of a managed instance a replica gets, and of which. */
export interface ManagedInstancesOptions extends ManagedCapacityOptions {
  /**
   * CPU units: 1024 are one vCPU. Any number from 128.
   *
   * @default 1024
   */
  readonly cpu?: number;

  /**
   * Memory of a replica. An instance keeps some of its own: 4 replicas of 4 GiB do not fit one of 16 GiB.
   *
   * @default - 2 GiB a vCPU
   */
  readonly memory?: Size;

  /**
   * GPUs that a replica has to itself. They decide which instances there are to choose from.
   *
   * @default 0
   */
  readonly gpus?: number;

  /**
   * Instances that the API shares with others. It says of which kind they are.
   *
   * @default - instances of the API's own
   */
  readonly fleet?: ManagedFleet;
}

/** Amazon ECS waits up to a day here. */
const STOP_TIMEOUT_LIMIT = 86_400;

/** Options of the capacity: what a fleet says once for all of its APIs. */
const OF_CAPACITY = [
  'instanceTypes',
  'gpuNames',
  'architecture',
  'spotShare',
  'onDemandBase',
  'taskVolumeStorage',
] as const satisfies readonly (keyof ManagedCapacityOptions)[];

/** Of JavaScript: what another kind of compute has, and AWS would refuse here. */
const FOREIGN = {
  sharedMemory: 'Amazon ECS refuses it on Managed Instances. Compute.ec2 and Compute.gpu have it',
  ephemeralStorage: 'replicas share the disk of their instance, which taskVolumeStorage sizes',
  instanceType: 'instanceTypes is, of names and patterns',
  capacityProviderName: 'CloudFormation gives a name that AWS takes',
  assignPublicIp: 'replicas have private addresses',
  networkMode: 'replicas have network interfaces of their own (awsvpc)',
};

/** What of a container the CDK passes on and Amazon ECS refuses on Managed Instances. */
const REFUSED = [
  'disableNetworking',
  'dnsSearchDomains',
  'dnsServers',
  'dockerLabels',
  'dockerSecurityOptions',
  'extraHosts',
  'hostname',
] as const;
const REFUSED_OF_LINUX = ['sharedMemorySize', 'maxSwap', 'swappiness', 'tmpfs'] as const;

export function bindManagedInstances(scope: Construct, options: ManagedInstancesOptions): ComputeBinding {
  const { cpu = 1024, gpus = 0, fleet } = options;
  // Of a cpu that is not known nothing follows, and the check says so.
  const { memory = Size.mebibytes(isKnown(cpu) ? cpu * 2 : 0) } = options;
  const size: ManagedSize = { cpu, memory, gpus };
  const capacity: ManagedCapacityOptions = fleet?._options ?? options;
  const { architecture = CpuArchitecture.X86_64 } = capacity;
  const check = new Check(scope);
  checkForeign(check, options, FOREIGN, 'Compute.managedInstances');
  if (fleet) checkFleet(check, options, fleet);
  else checkManagedCapacity(check, capacity, gpus);
  checkManagedReplica(check, size, capacity);
  check.done();
  return {
    platform: architecture === CpuArchitecture.ARM64 ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
    architecture,
    ...size,
    hasSpareCapacity: true,
    stopTimeoutLimit: STOP_TIMEOUT_LIMIT,
    interruptible: sharesOf(capacity).some(({ spot }) => spot),
    container: containerOf(scope, gpus),
    linux: {},
    refused: { container: REFUSED, linux: REFUSED_OF_LINUX },
    defineTask: (parent, id, props) =>
      new TaskDefinition(parent, id, {
        ...props,
        compatibility: Compatibility.MANAGED_INSTANCES,
        cpu: String(cpu),
        memoryMiB: String(memory.toMebibytes()),
        runtimePlatform: { cpuArchitecture: architecture, operatingSystemFamily: OperatingSystemFamily.LINUX },
      }),
    defineService: (parent, id, parts) => {
      const { capacity, strategies } = capacityFor(parent, parts, size, options);
      // The CDK has no service of this kind's own: this one leaves the launch type out where there is a strategy.
      const service = new FargateService(parent, id, {
        ...parts,
        capacityProviderStrategies: strategies,
        assignPublicIp: false,
      });
      noteUse(service, capacity);
      return service;
    },
  };
}

/** Fargate names the region to a container by itself, and on EC2 the CDK does; of Managed Instances nobody says so. */
function containerOf(scope: Construct, gpus: number): ComputeBinding['container'] {
  const environment = { AWS_REGION: Stack.of(scope).region };
  return gpus > 0 ? { gpuCount: gpus, environment: { ...environment, ...GPU_ENVIRONMENT } } : { environment };
}

function capacityFor(
  parent: Construct,
  { cluster, vpcSubnets }: ServiceParts,
  { cpu, memory, gpus }: ManagedSize,
  { fleet, ...options }: ManagedInstancesOptions,
) {
  if (fleet) return { capacity: fleet, strategies: fleet._strategiesIn(parent, cluster, vpcSubnets) };
  const least = { vcpus: Math.ceil(cpu / VCPU), memoryMiB: memory.toMebibytes(), gpus };
  const capacity = new ManagedCapacity(parent, 'Capacity', { ...options, cluster, vpcSubnets, ...least });
  return { capacity, strategies: capacity.strategies };
}

function checkFleet(check: Check, options: ManagedInstancesOptions, fleet: ManagedFleet): void {
  checkGiven(
    check,
    'fleet',
    fleet,
    '_strategiesIn',
    "a ManagedFleet, such as new ManagedFleet(stack, 'Fleet', { platform })",
  );
  if (typeof fleet !== 'object' || !('_strategiesIn' in fleet)) return;
  const said = OF_CAPACITY.filter((name) => options[name] !== undefined);
  check.that(
    said.length === 0,
    `${said.join(', ')} and fleet exclude each other: the fleet ${fleet.node.path} says which instances there are. Say it there, or leave fleet out`,
  );
  check.that(
    (options.gpus ?? 0) === 0 || fleet._gpus > 0,
    `gpus is ${options.gpus}, and the instances of the fleet ${fleet.node.path} need have none: give the fleet gpus`,
  );
}
