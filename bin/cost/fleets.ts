/**
 * What fleets of instances cost. APIs that share one fill its instances together, and each bears the part that its
 * replicas take. A fleet that is too small holds fewer replicas than scaling asks for.
 */
import { type FleetKind, fleetKindOf } from './fleet-kinds';
import { replicasOn } from './instances';
import type { FoundApi } from './model-apis';
import type { Prices } from './prices';
import { type Share, spread } from './providers';
import { isSame, type Placed, type References } from './reference';
import type { Replicas } from './replicas';
import { type Columns, columns, HOURS_A_MONTH, sum } from './situations';

/** An API with what is known of it so far. */
export interface Tenant {
  readonly api: FoundApi;
  readonly replicas: Replicas;
  readonly shares: readonly Share[];
}

/** Sums of fractions that should be whole are not always. */
const ROUNDING = 1e-6;

/** How far a fleet grows. */
export interface Growth {
  /** The path of its capacity provider. */
  readonly name: string;
  readonly kind: FleetKind['kind'];
  readonly instance: string;
  readonly maxInstances: number;
  /** Of the most replicas that scaling asks for, the share that there is room for. */
  readonly shareOfMost: number;
}

export class Fleet {
  /** Whose replicas run here, each with the instances that they fill, in fractions. */
  readonly #filled: ReadonlyMap<FoundApi, Columns>;
  readonly #cost: Columns;
  /** Of the replicas that scaling asks for, the share that there is room for. */
  readonly #room: Columns;

  constructor(
    private readonly provider: Placed,
    readonly kind: FleetKind,
    tenants: readonly Tenant[],
    prices: Prices,
  ) {
    const wanted = new Map(tenants.map((tenant) => [tenant.api, this.#filledBy(tenant)]));
    const all = sum([...wanted.values()]);
    this.#room = columns((situation) => Math.min(1, kind.max / (all[situation] || 1)));
    this.#filled = new Map(
      [...wanted].map(([api, own]) => [api, columns((situation) => own[situation] * this.#room[situation])]),
    );
    const instances = columns((situation) => {
      const needed = Math.ceil(all[situation] / kind.fullness - ROUNDING);
      return Math.min(kind.max, Math.max(kind.min, needed));
    });
    this.#cost = columns((situation) => monthOf(instances[situation], kind, prices));
  }

  get isShared(): boolean {
    return this.#filled.size > 1;
  }

  has(api: FoundApi): boolean {
    return this.#filled.has(api);
  }

  /** What of its cost an API bears; an empty fleet is everybody's. */
  partOf(api: FoundApi): Columns {
    const all = sum([...this.#filled.values()]);
    return columns((situation) => {
      const own = this.#filled.get(api)?.[situation] ?? 0;
      const part = all[situation] === 0 ? 1 / this.#filled.size : own / all[situation];
      return this.#cost[situation] * part;
    });
  }

  /** Replicas of an API that fit on an instance. */
  perInstance({ task, replica }: FoundApi): number {
    const byInterfaces = this.kind.kind === 'ec2' && task.properties.NetworkMode === 'awsvpc';
    return Math.max(1, replicasOn(this.kind.instance, replica, { byInterfaces }));
  }

  /** Whole instances for the replicas of one API alone. */
  instancesFor(api: FoundApi): Columns {
    return columns((situation) => Math.ceil((this.#filled.get(api)?.[situation] ?? 0) - ROUNDING));
  }

  /** Its replicas, no more than there is room for; of an API that runs elsewhere too, nobody can tell. */
  limited(tenant: Tenant): Tenant {
    if (tenant.shares.length > 1) return tenant;
    const { count } = tenant.replicas;
    const running = columns((situation) => count[situation] * this.#room[situation]);
    return { ...tenant, replicas: { ...tenant.replicas, count: running } };
  }

  get growth(): Growth {
    const { kind, instance, max } = this.kind;
    const name = this.provider.stack.paths.get(this.provider.id) ?? this.provider.id;
    return { name, kind, instance: instance.instanceType, maxInstances: max, shareOfMost: this.#room.max };
  }

  notes(): string[] {
    const { instance, choice, max } = this.kind;
    const share = Math.round(this.#room.max * 100);
    return [
      ...(choice ? [`${instance.instanceType} is ${choice}: what AWS takes may cost something else`] : []),
      ...(share < 100
        ? [`${this.growth.name} grows to ${max} × ${instance.instanceType}, which hold ${share} % of the most replicas`]
        : []),
    ];
  }

  #filledBy({ api, replicas, shares }: Tenant): Columns {
    return columns((situation) => {
      const counts = spread(replicas.count[situation], shares);
      const here = counts.filter((_, index) => isOf(shares[index] as Share, this.provider));
      return here.reduce((total, count) => total + count, 0) / this.perInstance(api);
    });
  }
}

export function fleetsOf(references: References, tenants: readonly Tenant[], prices: Prices): Fleet[] {
  const providers: Placed[] = [];
  for (const { provider } of tenants.flatMap(({ shares }) => shares)) {
    if (typeof provider !== 'string' && !providers.some((one) => isSame(one, provider))) providers.push(provider);
  }
  return providers.map((provider) => {
    const here = tenants.filter(({ shares }) => shares.some((share) => isOf(share, provider)));
    const sizes = here.map(({ api }) => api.replica);
    return new Fleet(provider, fleetKindOf(references, provider, sizes, prices), here, prices);
  });
}

function isOf({ provider }: Share, wanted: Placed): boolean {
  return typeof provider !== 'string' && isSame(provider, wanted);
}

function monthOf(instances: number, kind: FleetKind, prices: Prices): number {
  const price = prices.ec2(kind.instance.instanceType);
  const onDemand = Math.min(instances, kind.onDemandBase);
  const spot = (instances - onDemand) * kind.spotShare;
  const discount = spot > 0 ? prices.of('ec2SpotDiscount') : 0;
  const fee = kind.kind === 'managed' ? instances * price * prices.of('managedInstancesFee') : 0;
  const hour = (instances - spot * discount) * price + fee;
  const warm = warmOf(instances, kind);
  const disks = (instances + warm) * kind.diskGiB * prices.of('diskGbMonth');
  return (hour + (kind.warmPool?.isRunning ? warm * price : 0)) * HOURS_A_MONTH + disks;
}

function warmOf(instances: number, { warmPool }: FleetKind): number {
  return warmPool ? Math.max(warmPool.min, warmPool.prepared - instances) : 0;
}
