/**
 * A fleet as its template describes it: which instances, how few and how many, and how much of them is Spot. There are two
 * kinds: an Auto Scaling group that the account manages, and ECS Managed Instances.
 */
import { CommandFailure, EXIT } from '../failure';
import type { Json } from './assembly';
import { INSTANCES, type InstanceSpec } from './instances';
import { known, type ReplicaSize } from './model-apis';
import type { Prices } from './prices';
import { isSame, type Placed, type References } from './reference';
import { instancesFor } from './requirements';

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

function cheapest(
  demands: Json,
  provider: Placed,
  replicas: readonly ReplicaSize[],
  prices: Prices,
): Pick<FleetKind, 'instance' | 'choice'> {
  const [instance, ...others] = instancesFor(demands, replicas, prices);
  const where = `of the price table in ${prices.region}`;
  if (!instance) throw unknown(provider, `no instance ${where} meets its requirements and holds a replica`);
  const choice = others.length > 0 ? `the cheapest of ${others.length + 1} that meet its requirements` : undefined;
  return { instance, choice };
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
