/**
 * What fleets of instances cost. APIs that share one fill its instances together, and each bears the part that its
 * replicas take.
 */
import { type FleetKind, fleetKindOf } from './fleet-kinds';
import type { InstanceSize } from './instances';
import type { FoundApi, ReplicaSize } from './model-apis';
import type { Prices } from './prices';
import { type Share, spread } from './providers';
import { isSame, type Placed, type References } from './reference';
import type { Replicas } from './replicas';
import { type Columns, columns, HOURS_A_MONTH } from './situations';

/** An API with what is known of it so far. */
export interface Tenant {
  readonly api: FoundApi;
  readonly replicas: Replicas;
  readonly shares: readonly Share[];
}

export interface Fleet {
  readonly provider: Placed;
  readonly kind: FleetKind;
  readonly tenants: readonly Tenant[];
  readonly instances: Columns;
  readonly cost: Columns;
  /** What of the cost each tenant bears, in the order of tenants. */
  readonly parts: readonly Columns[];
  readonly notes: readonly string[];
  /** Replicas of this tenant that fit on an instance. */
  perInstance(api: FoundApi): number;
  /** Whole instances for the replicas of one tenant alone. */
  instancesFor(api: FoundApi): Columns;
}

/**
 * The rest of an instance's memory is the operating system's and the agent's: what ECS registers is between 94 and 97 %.
 */
const USABLE_MEMORY = 0.94;

/** Sums of fractions that should be whole are not always. */
const ROUNDING = 1e-6;

export function fleetsOf(references: References, tenants: readonly Tenant[], prices: Prices): Fleet[] {
  const providers: Placed[] = [];
  for (const { provider } of tenants.flatMap(({ shares }) => shares)) {
    if (typeof provider !== 'string' && !providers.some((one) => isSame(one, provider))) providers.push(provider);
  }
  return providers.map((provider) => fleetOf(references, provider, tenants, prices));
}

function fleetOf(references: References, provider: Placed, all: readonly Tenant[], prices: Prices): Fleet {
  const isIt = (share: Share) => typeof share.provider !== 'string' && isSame(share.provider, provider);
  const tenants = all.filter(({ shares }) => shares.some(isIt));
  const sizes = tenants.map(({ api }) => api.replica);
  const kind = fleetKindOf(references, provider, sizes, prices);
  /** Instances that each tenant's replicas fill, in fractions. */
  const filled = tenants.map(({ api, replicas, shares }) => {
    const each = perInstance(kind, api);
    return columns((situation) => {
      const counts = spread(replicas.count[situation], shares);
      return counts.reduce((total, count, index) => total + (isIt(shares[index] as Share) ? count / each : 0), 0);
    });
  });
  const wanted = columns((situation) => {
    const full = filled.reduce((total, one) => total + one[situation], 0) / kind.fullness;
    return Math.ceil(full - ROUNDING);
  });
  const instances = columns((situation) => Math.min(kind.max, Math.max(kind.min, wanted[situation])));
  const cost = columns((situation) => monthOf(instances[situation], kind, prices));
  const parts = filled.map((one) => columns((situation) => cost[situation] * partOf(one[situation], filled, situation)));
  const instancesFor = (api: FoundApi) => {
    const own = filled[tenants.findIndex((one) => one.api === api)];
    return columns((situation) => Math.ceil((own?.[situation] ?? 0) - ROUNDING));
  };
  const notes = notesOf(provider, kind, wanted);
  return { provider, kind, tenants, instances, cost, parts, notes, instancesFor, perInstance: (api) => perInstance(kind, api) };
}

/** An empty fleet is everybody's. */
function partOf(own: number, filled: readonly Columns[], situation: keyof Columns): number {
  const all = filled.reduce((total, one) => total + one[situation], 0);
  return all === 0 ? 1 / filled.length : own / all;
}

function perInstance({ kind, instance }: FleetKind, { task, replica }: FoundApi): number {
  const hasInterface = kind === 'ec2' && task.properties.NetworkMode === 'awsvpc';
  return Math.max(1, Math.floor(fitting(instance, replica, hasInterface) + ROUNDING));
}

/** By whatever runs out first. Of its interfaces an instance keeps one for itself. */
function fitting(instance: InstanceSize, replica: ReplicaSize, hasInterface: boolean): number {
  return Math.min(
    instance.vcpus / replica.vcpus,
    (instance.memoryGiB * USABLE_MEMORY) / replica.memoryGiB,
    replica.gpus > 0 ? instance.gpus / replica.gpus : Number.POSITIVE_INFINITY,
    hasInterface ? instance.interfaces - 1 : Number.POSITIVE_INFINITY,
  );
}

function monthOf(instances: number, kind: FleetKind, prices: Prices): number {
  const price = prices.ec2(kind.instance.type);
  const onDemand = Math.min(instances, kind.onDemandBase);
  const spot = (instances - onDemand) * kind.spotShare;
  const discount = spot > 0 ? prices.of('ec2SpotDiscount') : 0;
  const fee = kind.kind === 'managed' ? instances * price * prices.of('managedInstancesFee') : 0;
  const hour = (instances - spot * discount) * price + fee;
  return hour * HOURS_A_MONTH + instances * kind.diskGiB * prices.of('diskGbMonth');
}

function notesOf(provider: Placed, { max, instance, choice }: FleetKind, wanted: Columns): string[] {
  const chosen = choice ? [`${instance.type} is ${choice}: what AWS takes may cost something else`] : [];
  if (wanted.max <= max) return chosen;
  const name = provider.stack.paths.get(provider.id) ?? provider.id;
  return [
    ...chosen,
    `${name}: the most replicas need ${wanted.max} × ${instance.type}, and the fleet grows to ${max}: the last replicas do not start`,
  ];
}
