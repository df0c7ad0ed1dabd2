/** What one API costs: its lines, their sum, what a million predictions come to, and the same on SageMaker. */
import type { Item } from './billed';
import { fargateMonth, fargateName } from './fargate';
import type { Fleet, Growth, Tenant } from './fleets';
import type { FoundApi } from './model-apis';
import type { Prices } from './prices';
import type { Replicas } from './replicas';
import { type Endpoint, endpointFor } from './sagemaker';
import { type Columns, columns, sum } from './situations';
import { logMonth, MILLION, metricMonth, requestsAMonth } from './usage';

/** Dollars for a million predictions: idle there are none. */
export type PerMillion = Omit<Columns, 'idle'>;

export interface ApiEstimate {
  readonly api: FoundApi;
  readonly region: string;
  /** What replicas run on. */
  readonly compute: string;
  readonly replicas: Columns;
  /** Predictions a second; undefined where the template does not tell. */
  readonly rate?: Columns;
  readonly basis: string;
  readonly items: readonly Item[];
  /** Its part of every group of shared things. */
  readonly shared: Columns;
  readonly total: Columns;
  readonly perMillion?: PerMillion;
  readonly endpoint?: Endpoint & { readonly perMillion?: PerMillion };
  /** Whether any of its replicas may be on Spot. */
  readonly hasSpot: boolean;
  /** Of the fleets on which it has replicas. */
  readonly growth: readonly Growth[];
  readonly notes: readonly string[];
}

/** What is known of an API beside itself. */
export interface Surroundings {
  readonly prices: Prices;
  /** Those on which it has replicas. */
  readonly fleets: readonly Fleet[];
  /** What stands below it and is billed. */
  readonly own: readonly Item[];
  readonly shared: Columns;
  /** Whether its load balancer is in this assembly. */
  readonly hasLoadBalancer: boolean;
}

export function apiEstimate(tenant: Tenant, surroundings: Surroundings): ApiEstimate {
  const { api, replicas, shares } = tenant;
  const { prices, fleets, own, shared } = surroundings;
  const fargate = shares.some(({ provider }) => typeof provider === 'string')
    ? fargateName(shares, api.replica)
    : undefined;
  const running = columns((situation) => fargateMonth(replicas.count[situation], shares, api.replica, prices));
  const items = [
    ...(fargate ? [{ label: fargate, cost: running }] : []),
    ...fleets.map((fleet) => fleetItem(fleet, api)),
    { label: 'log', cost: logMonth(replicas, prices) },
    { label: 'custom metrics', cost: metricMonth(api, replicas, prices) },
    ...own,
  ];
  const total = sum([shared, ...items.map(({ cost }) => cost)]);
  const rate = rateOf(tenant);
  const endpoint = endpointFor(api, replicas, fleets[0], prices);
  return {
    api,
    region: prices.region,
    compute: [...(fargate ? [fargate] : []), ...fleets.map((fleet) => placeOn(fleet, api))].join(', '),
    replicas: replicas.count,
    rate,
    basis: replicas.basis,
    items,
    shared,
    total,
    perMillion: perMillion(total, rate),
    endpoint: endpoint && { ...endpoint, perMillion: perMillion(endpoint.month, rate) },
    hasSpot: hasSpot(tenant, fleets),
    growth: fleets.map((fleet) => fleet.growth),
    notes: notesOf(replicas, surroundings),
  };
}

function notesOf({ note, rate }: Replicas, { fleets, hasLoadBalancer }: Surroundings): string[] {
  const idleUse = 'how many requests come is not known: what is billed by use is as if none did';
  const elsewhere = 'its load balancer is not in this assembly, and not in the numbers';
  return [
    ...(note ? [note] : []),
    ...fleets.flatMap((fleet) => fleet.notes()),
    ...(rate === undefined ? [idleUse] : []),
    ...(hasLoadBalancer ? [] : [elsewhere]),
  ];
}

/** Predictions a second of all its replicas. */
export function rateOf({ replicas: { rate, count } }: Tenant): Columns | undefined {
  if (rate === undefined) return undefined;
  return columns((situation) => (situation === 'idle' ? 0 : rate * count[situation]));
}

function perMillion(month: Columns, rate: Columns | undefined): PerMillion | undefined {
  if (!rate) return undefined;
  const dollars = (situation: keyof PerMillion) => (month[situation] * MILLION) / requestsAMonth(rate[situation]);
  return { target: dollars('target'), max: dollars('max') };
}

function fleetItem(fleet: Fleet, api: FoundApi): Item {
  // The longest instance type has to leave the columns in line: whether it is managed stands above, too.
  const shared = `its part of ${fleet.kind.instance.instanceType} with its disk`;
  const isManaged = fleet.kind.kind === 'managed';
  const own = `${nameOf(fleet)}${isManaged ? ',' : ''} with its disk`;
  return { label: fleet.isShared ? shared : own, cost: fleet.partOf(api) };
}

function hasSpot({ shares }: Tenant, fleets: readonly Fleet[]): boolean {
  return shares.some(({ provider }) => provider === 'FARGATE_SPOT') || fleets.some(({ kind }) => kind.spotShare > 0);
}

/** `g5.xlarge, 2 replicas each`. */
function placeOn(fleet: Fleet, api: FoundApi): string {
  const each = fleet.perInstance(api);
  return `${nameOf(fleet)}, ${each} ${each === 1 ? 'replica' : 'replicas'} each`;
}

function nameOf({ kind: { kind, instance } }: Fleet): string {
  return kind === 'managed' ? `${instance.instanceType}, managed` : instance.instanceType;
}
