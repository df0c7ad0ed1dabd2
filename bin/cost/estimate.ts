/**
 * The estimate: for every API what it costs by itself, its part of what it shares, what a million predictions come to, and
 * what the same would cost as an endpoint of SageMaker.
 */
import { billedResources, type Item, itemsOf } from './billed';
import { fargateMonth, fargateName } from './fargate';
import { type Fleet, fleetsOf, type Tenant } from './fleets';
import { type FoundApi, neighboursOf } from './model-apis';
import { Owners } from './owners';
import type { PriceTable } from './price-table';
import { Prices } from './prices';
import { sharesOf } from './providers';
import type { References } from './reference';
import { replicasOf } from './replicas';
import { type Endpoint, endpointFor } from './sagemaker';
import { type Columns, columns, constant, sum, times } from './situations';
import { logMonth, MILLION, metricMonth, requestsAMonth } from './usage';

/** Dollars for a million predictions: idle there are none. */
export type PerMillion = Omit<Columns, 'idle'>;

export interface ApiEstimate {
  readonly api: FoundApi;
  readonly region: string;
  /** What a replica is and where it runs. */
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
  readonly notes: readonly string[];
}

/** What several APIs pay for together. */
export interface SharedGroup {
  readonly apis: readonly string[];
  readonly items: readonly Item[];
  readonly total: Columns;
}

export interface Estimate {
  readonly apis: readonly ApiEstimate[];
  readonly shared: readonly SharedGroup[];
}

export interface EstimateOptions {
  readonly predictMs: number;
  /** Of stacks that do not say one. */
  readonly region: string;
  readonly prices: PriceTable;
}

/** Of the chosen APIs; the others count where they share something with one of them. */
export function estimate(
  references: References,
  all: readonly FoundApi[],
  chosen: readonly FoundApi[],
  options: EstimateOptions,
): Estimate {
  const regions = [...new Set(chosen.map((api) => regionOf(api, options)))].sort();
  const parts = regions.map((region) => {
    const near = all.filter((api) => regionOf(api, options) === region && isNear(api, chosen));
    const ours = chosen.filter((api) => near.includes(api));
    return new RegionalEstimate(references, all, near, new Prices(options.prices, region), options).of(ours);
  });
  return { apis: parts.flatMap(({ apis }) => apis), shared: parts.flatMap(({ shared }) => shared) };
}

function regionOf({ service }: FoundApi, options: EstimateOptions): string {
  return service.stack.region ?? options.region;
}

function isNear(api: FoundApi, chosen: readonly FoundApi[]): boolean {
  return chosen.includes(api) || neighboursOf(api, chosen).length > 0;
}

class RegionalEstimate {
  readonly #tenants: readonly Tenant[];
  readonly #fleets: readonly Fleet[];
  readonly #own = new Map<FoundApi, Item[]>();
  readonly #groups = new Map<string, { apis: readonly FoundApi[]; items: Item[] }>();

  constructor(
    references: References,
    all: readonly FoundApi[],
    near: readonly FoundApi[],
    private readonly prices: Prices,
    options: EstimateOptions,
  ) {
    this.#tenants = near.map((api) => {
      const replicas = replicasOf(references, api, options.predictMs);
      return { api, replicas, shares: sharesOf(references, api) };
    });
    this.#fleets = fleetsOf(references, this.#tenants, prices);
    const owners = new Owners(all);
    for (const resource of billedResources(references)) {
      const users = owners.of(resource).filter((api) => regionOf(api, options) === prices.region);
      if (users.some((api) => near.includes(api))) this.#bill(users, itemsOf(resource, prices, this.#rateOf(users)));
    }
  }

  of(chosen: readonly FoundApi[]): Estimate {
    const tenants = this.#tenants.filter(({ api }) => chosen.includes(api));
    const groups = [...this.#groups.values()].filter(({ apis }) => apis.some((api) => chosen.includes(api)));
    const shared = groups.map(({ apis, items }) => ({
      apis: apis.map(({ name }) => name),
      items,
      total: sum(items.map(({ cost }) => cost)),
    }));
    return { apis: tenants.map((tenant) => this.#apiEstimate(tenant)), shared };
  }

  #bill(users: readonly FoundApi[], items: readonly Item[]): void {
    const [only] = users;
    if (users.length === 1 && only) {
      this.#own.set(only, added(this.#own.get(only) ?? [], items));
      return;
    }
    const key = users.map(({ name }) => name).join('\n');
    const group = this.#groups.get(key) ?? { apis: users, items: [] };
    this.#groups.set(key, { apis: users, items: added(group.items, items) });
  }

  /** Requests a second of these APIs together, as far as they are known. */
  #rateOf(users: readonly FoundApi[]): Columns {
    const busy = this.#tenants.filter(({ api }) => users.includes(api));
    return sum([constant(0), ...busy.map((tenant) => rateColumns(tenant) ?? constant(0))]);
  }

  #apiEstimate(tenant: Tenant): ApiEstimate {
    const { api, replicas, shares } = tenant;
    const { prices } = this;
    const fleets = this.#fleets.filter(({ tenants }) => tenants.includes(tenant));
    const hasFargate = shares.some(({ provider }) => typeof provider === 'string');
    const running = columns((situation) => fargateMonth(replicas.count[situation], shares, api.replica, prices));
    const items = [
      ...(hasFargate ? [{ label: fargateName(shares, api.replica), cost: running }] : []),
      ...fleets.map((fleet) => fleetItem(fleet, tenant)),
      { label: 'log', cost: logMonth(replicas, prices) },
      { label: 'custom metrics', cost: metricMonth(api, replicas, prices) },
      ...(this.#own.get(api) ?? []),
    ];
    const shared = sum([constant(0), ...this.#partsOf(api)]);
    const total = sum([shared, ...items.map(({ cost }) => cost)]);
    const rate = rateColumns(tenant);
    const endpoint = endpointFor(api, replicas, fleets[0], prices);
    return {
      api,
      region: prices.region,
      compute: [...(hasFargate ? [fargateName(shares, api.replica)] : []), ...fleets.map((one) => placeOf(one, api))].join(', '),
      replicas: replicas.count,
      rate,
      basis: replicas.basis,
      items,
      shared,
      total,
      perMillion: perMillion(total, rate),
      endpoint: endpoint && { ...endpoint, perMillion: perMillion(endpoint.month, rate) },
      hasSpot: hasSpot(tenant, fleets),
      notes: [...(replicas.note ? [replicas.note] : []), ...fleets.flatMap(({ notes }) => notes)],
    };
  }

  #partsOf(api: FoundApi): Columns[] {
    const groups = [...this.#groups.values()].filter(({ apis }) => apis.includes(api));
    return groups.map(({ apis, items }) => times(sum(items.map(({ cost }) => cost)), 1 / apis.length));
  }
}

/** Items of one label are one line. */
function added(before: readonly Item[], more: readonly Item[]): Item[] {
  const all = new Map(before.map((item) => [item.label, item]));
  for (const { label, cost } of more) {
    const same = all.get(label);
    all.set(label, { label, cost: same ? sum([same.cost, cost]) : cost });
  }
  return [...all.values()];
}

function rateColumns({ replicas: { rate, count } }: Tenant): Columns | undefined {
  if (rate === undefined) return undefined;
  return columns((situation) => (situation === 'idle' ? 0 : rate * count[situation]));
}

function perMillion(month: Columns, rate: Columns | undefined): PerMillion | undefined {
  if (!rate) return undefined;
  const dollars = (situation: keyof PerMillion) => (month[situation] * MILLION) / requestsAMonth(rate[situation]);
  return { target: dollars('target'), max: dollars('max') };
}

function fleetItem(fleet: Fleet, tenant: Tenant): Item {
  const part = fleet.parts[fleet.tenants.indexOf(tenant)] ?? constant(0);
  const label = fleet.tenants.length > 1 ? `its part of ${fleetName(fleet)}` : fleetName(fleet);
  return { label, cost: part };
}

function hasSpot({ shares }: Tenant, fleets: readonly Fleet[]): boolean {
  return shares.some(({ provider }) => provider === 'FARGATE_SPOT') || fleets.some(({ kind }) => kind.spotShare > 0);
}

/** `g5.xlarge, 2 replicas each`. */
function placeOf(fleet: Fleet, api: FoundApi): string {
  const each = fleet.perInstance(api);
  return `${fleetName(fleet)}, ${each} ${each === 1 ? 'replica' : 'replicas'} each`;
}

function fleetName({ kind: { kind, instance } }: Fleet): string {
  return kind === 'managed' ? `${instance.type}, managed` : instance.type;
}
