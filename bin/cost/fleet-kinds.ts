/**
 * A fleet as its template describes it: which instances, how few and how many, and how much of them is Spot. There are two
 * kinds: an Auto Scaling group that the account manages, and ECS Managed Instances.
 */
import { CommandFailure, EXIT } from '../failure';
import type { Json } from './assembly';
import { INSTANCES, type InstanceSpec, replicasOn } from './instances';
import { known, type ReplicaSize } from './model-apis';
import type { Prices } from './prices';
import { isSame, type Placed, type References } from './reference';

/** Instances that are ready to be started. */
export interface WarmPool {
  readonly min: number;
  /** Of these and those in service together. */
  readonly prepared: number;
  /** Else they are stopped, and only their volumes cost. */
  readonly isRunning: boolean;
}

export interface FleetKind {
  readonly kind: 'ec2' | 'managed';
  readonly instance: InstanceSpec;
  /** Why this instance, where there was a choice. */
  readonly choice?: string;
  readonly min: number;
  readonly max: number;
  /** Instances on demand before any is Spot, and of the others the share that is Spot. */
  readonly onDemandBase: number;
  readonly spotShare: number;
  /** How full ECS keeps it, 0 to 1. */
  readonly fullness: number;
  /** GiB of volumes of an instance. */
  readonly diskGiB: number;
  readonly warmPool?: WarmPool;
}

/** The volume of the AMIs and of Managed Instances, where nothing else is said. */
const DEFAULT_DISK = { ec2: 30, managed: 80 } as const;

export function fleetKindOf(
  references: References,
  provider: Placed,
  replicas: readonly ReplicaSize[],
  prices: Prices,
): FleetKind {
  const { AutoScalingGroupProvider: own, ManagedInstancesProvider: managed } = provider.properties;
  if (managed) return managedInstances(managed.InstanceLaunchTemplate ?? {}, provider, replicas, prices);
  const group = own && references.target(provider.stack, own.AutoScalingGroupArn);
  if (!group) throw unknown(provider, 'its Auto Scaling group is not in this assembly');
  const { MinSize, MaxSize, MixedInstancesPolicy: mixed } = group.properties;
  const { InstancesDistribution: parts = {} } = mixed ?? {};
  const specification = mixed?.LaunchTemplate?.LaunchTemplateSpecification ?? group.properties.LaunchTemplate;
  const template = templateOf(references, group, specification);
  const spotOnly = template?.InstanceMarketOptions?.MarketType === 'spot';
  return {
    kind: 'ec2',
    ...instanceOf(provider, mixed?.LaunchTemplate?.Overrides ?? [], template, group, replicas, prices),
    min: known(MinSize, `fewest instances of ${group.id}`),
    max: known(MaxSize, `most instances of ${group.id}`),
    onDemandBase: Number(parts.OnDemandBaseCapacity ?? 0),
    spotShare: mixed ? 1 - Number(parts.OnDemandPercentageAboveBaseCapacity ?? 100) / 100 : spotOnly ? 1 : 0,
    fullness: Number(own.ManagedScaling?.TargetCapacity ?? 100) / 100,
    diskGiB: diskOf(template ?? group.properties) || DEFAULT_DISK.ec2,
    warmPool: warmPoolOf(references, group),
  };
}

function warmPoolOf(references: References, group: Placed): WarmPool | undefined {
  const pool = references.all('AWS::AutoScaling::WarmPool').find(({ stack, properties }) => {
    const target = references.target(stack, properties.AutoScalingGroupName);
    return target && isSame(target, group);
  });
  if (!pool) return undefined;
  const {
    MinSize: min = 0,
    MaxGroupPreparedCapacity: prepared = group.properties.MaxSize,
    PoolState,
  } = pool.properties;
  return { min: Number(min), prepared: Number(prepared), isRunning: PoolState === 'Running' };
}

function templateOf(references: References, group: Placed, specification: Json): Json {
  const template = specification && references.target(group.stack, specification.LaunchTemplateId);
  return template?.properties.LaunchTemplateData;
}

/** Of several types AWS takes one by price and capacity; the first is the one that was wished for most. */
function instanceOf(
  provider: Placed,
  overrides: readonly Json[],
  template: Json,
  group: Placed,
  replicas: readonly ReplicaSize[],
  prices: Prices,
): Pick<FleetKind, 'instance' | 'choice'> {
  const types = overrides.flatMap(({ InstanceType }) => InstanceType ?? []);
  const type = types[0] ?? template?.InstanceType;
  if (typeof type === 'string') {
    const choice = types.length > 1 ? `the first of ${types.length} types` : undefined;
    return { instance: sizeOf(type, provider), choice };
  }
  const requirements = overrides[0]?.InstanceRequirements ?? template?.InstanceRequirements;
  if (requirements) return cheapest(requirements, provider, replicas, prices);
  // A launch configuration, from before there were templates.
  throw unknown(provider, `the launch template of ${group.id} names no instance type`);
}

function managedInstances(
  template: Json,
  provider: Placed,
  replicas: readonly ReplicaSize[],
  prices: Prices,
): FleetKind {
  return {
    kind: 'managed',
    ...cheapest(template.InstanceRequirements ?? {}, provider, replicas, prices),
    min: 0,
    max: Number.POSITIVE_INFINITY,
    onDemandBase: 0,
    spotShare: template.CapacityOptionType === 'SPOT' ? 1 : 0,
    fullness: 1,
    diskGiB: Number(template.StorageConfiguration?.StorageSizeGiB ?? DEFAULT_DISK.managed),
  };
}

/** What AWS would take, as far as the table goes: the cheapest instance that meets all demands and holds a replica. */
function cheapest(
  demands: Json,
  provider: Placed,
  replicas: readonly ReplicaSize[],
  prices: Prices,
): Pick<FleetKind, 'instance' | 'choice'> {
  const fitting = [...INSTANCES.values()]
    .filter(
      (size) =>
        meets(size, demands) && replicas.every((replica) => replicasOn(size, replica, { byInterfaces: false }) > 0),
    )
    .map((instance) => ({ instance, price: prices.ec2OrNone(instance.instanceType) ?? Number.POSITIVE_INFINITY }))
    .filter(({ price }) => price < Number.POSITIVE_INFINITY)
    .sort((one, other) => one.price - other.price);
  const [first] = fitting;
  if (!first)
    throw unknown(
      provider,
      `no instance of the price table in ${prices.region} meets its requirements and holds a replica`,
    );
  const choice = fitting.length > 1 ? `the cheapest of ${fitting.length} that meet its requirements` : undefined;
  return { instance: first.instance, choice };
}

function meets(spec: InstanceSpec, demands: Json): boolean {
  const { AllowedInstanceTypes: allowed, ExcludedInstanceTypes: excluded = [], CpuManufacturers } = demands;
  const { instanceType, vcpus, memoryMiB, architecture } = spec;
  return (
    (!allowed || allowed.some((pattern: string) => matches(instanceType, pattern))) &&
    !excluded.some((pattern: string) => matches(instanceType, pattern)) &&
    within(vcpus, demands.VCpuCount) &&
    within(memoryMiB, demands.MemoryMiB) &&
    (!CpuManufacturers || CpuManufacturers.includes('amazon-web-services') === (architecture === 'arm64')) &&
    (demands.BurstablePerformance === 'included' || allowed || !/^t\d/.test(instanceType)) &&
    meetsAccelerators(spec, demands)
  );
}

/** Instances with accelerators are taken only where these, or the instances by name, are asked for. */
function meetsAccelerators({ gpus, gpuMemoryMiB, gpuName = '' }: InstanceSpec, demands: Json): boolean {
  const { AcceleratorCount: count, AcceleratorTypes, AcceleratorNames: names, AllowedInstanceTypes } = demands;
  if (!count && !AcceleratorTypes && !names) return gpus === 0 || Boolean(AllowedInstanceTypes);
  return (
    gpus > 0 &&
    within(gpus, count) &&
    within(gpus * gpuMemoryMiB, demands.AcceleratorTotalMemoryMiB) &&
    (!names || names.includes(gpuName))
  );
}

function matches(type: string, pattern: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(type);
}

function within(value: number, range: Json): boolean {
  return value >= (range?.Min ?? 0) && value <= (range?.Max ?? Number.POSITIVE_INFINITY);
}

function sizeOf(type: string, provider: Placed): InstanceSpec {
  const size = INSTANCES.get(type);
  if (!size) throw unknown(provider, `how many replicas fit on ${type} is not known to this version`);
  return size;
}

function diskOf({ BlockDeviceMappings = [] }: Json): number {
  return BlockDeviceMappings.reduce((total: number, { Ebs }: Json) => total + Number(Ebs?.VolumeSize ?? 0), 0);
}

function unknown(provider: Placed, why: string): CommandFailure {
  const name = provider.stack.paths.get(provider.id) ?? provider.id;
  return new CommandFailure('unknown_capacity', EXIT.failed, `What ${name} costs cannot be told: ${why}.`, {
    hint: 'To leave it out, name another stack: --stack NAME',
  });
}
