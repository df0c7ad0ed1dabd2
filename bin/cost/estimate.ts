/**
 * The estimate of an assembly: every API with its own cost, and what several share. Each region has its prices, and what
 * is shared is shared within one.
 */
import { type ApiEstimate, apiEstimate, rateOf } from './api-estimate';
import { billedResources, type Item, itemsOf, LOAD_BALANCER } from './billed';
import { type Fleet, fleetsOf, type Tenant } from './fleets';
import { type FoundApi, neighboursOf } from './model-apis';
import { Owners } from './owners';
import type { PriceBook } from './price-book';
import { unusedOf } from './price-layers';
import { Prices } from './prices';
import { sharesOf } from './providers';
import type { References } from './reference';
import { replicasOf } from './replicas';
import { type Columns, constant, sum, times } from './situations';

/** What several APIs pay for together. */
export interface SharedGroup {
  readonly apis: readonly string[];
  readonly items: readonly Item[];
  readonly total: Columns;
}

export interface Estimate {
  readonly apis: readonly ApiEstimate[];
  readonly shared: readonly SharedGroup[];
  /** Paths of the prices that the user gave and nothing was computed with. */
  readonly unusedPrices: readonly string[];
}

export interface EstimateOptions {
  readonly predictMs: number;
  /** Of stacks that do not say one. */
  readonly region: string;
  readonly prices: PriceBook;
}

/** Of the chosen APIs; the others count where they share something with one of them. */
export function estimate(
  references: References,
  all: readonly FoundApi[],
  chosen: readonly FoundApi[],
  options: EstimateOptions,
): Estimate {
  const regions = [...new Set(chosen.map((api) => regionOf(api, options)))].sort();
  const used = new Set<string>();
  const parts = regions.map((region) => {
    const here = all.filter((api) => regionOf(api, options) === region);
    const prices = new Prices(options.prices, region);
    const result = new RegionalEstimate(references, here, chosen, prices, options.predictMs).result();
    for (const path of prices.used) used.add(path);
    return result;
  });
  return {
    apis: parts.flatMap(({ apis }) => apis),
    shared: parts.flatMap(({ shared }) => shared),
    unusedPrices: unusedOf(options.prices, used),
  };
}

function regionOf({ service }: FoundApi, options: EstimateOptions): string {
  return service.stack.region ?? options.region;
}

class RegionalEstimate {
  readonly #tenants: readonly Tenant[];
  readonly #fleets: readonly Fleet[];
  readonly #own = new Map<FoundApi, Item[]>();
  readonly #groups = new Map<string, { apis: readonly FoundApi[]; items: Item[] }>();

  constructor(
    references: References,
    all: readonly FoundApi[],
    private readonly chosen: readonly FoundApi[],
    private readonly prices: Prices,
    predictMs: number,
  ) {
    const near = all.filter((api) => chosen.includes(api) || neighboursOf(api, chosen).length > 0);
    const tenants = near.map((api) => {
      return { api, replicas: replicasOf(references, api, predictMs), shares: sharesOf(references, api) };
    });
    this.#fleets = fleetsOf(references, tenants, prices);
    this.#tenants = tenants.map((tenant) => this.#fleetOf(tenant)?.limited(tenant) ?? tenant);
    const owners = new Owners(all);
    for (const resource of billedResources(references)) {
      const users = owners.of(resource);
      if (users.some((api) => near.includes(api))) this.#bill(users, itemsOf(resource, prices, this.#rateOf(users)));
    }
  }

  result(): Pick<Estimate, 'apis' | 'shared'> {
    const tenants = this.#tenants.filter(({ api }) => this.chosen.includes(api));
    const groups = [...this.#groups.values()].filter(({ apis }) => apis.some((api) => this.chosen.includes(api)));
    const apis = tenants.map((tenant) => this.#estimateOf(tenant));
    this.prices.refuseGaps();
    return { apis, shared: groups.map(asShared) };
  }

  #fleetOf({ api }: Tenant): Fleet | undefined {
    return this.#fleets.find((fleet) => fleet.has(api));
  }

  #bill(users: readonly FoundApi[], items: readonly Item[]): void {
    const [only] = users;
    if (users.length === 1 && only) {
      this.#own.set(only, added(this.#own.get(only) ?? [], items));
      return;
    }
    const key = users.map(({ name }) => name).join('\n');
    const group = this.#groups.get(key);
    this.#groups.set(key, { apis: users, items: added(group?.items ?? [], items) });
  }

  /** Requests a second of these APIs together, as far as they are known. */
  #rateOf(users: readonly FoundApi[]): Columns {
    const busy = this.#tenants.filter(({ api }) => users.includes(api));
    return sum([constant(0), ...busy.map((tenant) => rateOf(tenant) ?? constant(0))]);
  }

  #estimateOf(tenant: Tenant): ApiEstimate {
    const { api } = tenant;
    const groups = [...this.#groups.values()].filter(({ apis }) => apis.includes(api));
    const own = this.#own.get(api) ?? [];
    const around = [...own, ...groups.flatMap(({ items }) => items)];
    return apiEstimate(tenant, {
      prices: this.prices,
      fleets: this.#fleets.filter((fleet) => fleet.has(api)),
      own,
      hasLoadBalancer: around.some(({ label }) => label === LOAD_BALANCER),
      shared: sum([constant(0), ...groups.map(({ apis, items }) => times(total(items), 1 / apis.length))]),
    });
  }
}

function asShared({ apis, items }: { apis: readonly FoundApi[]; items: readonly Item[] }): SharedGroup {
  return { apis: apis.map(({ name }) => name), items, total: total(items) };
}

function total(items: readonly Item[]): Columns {
  return sum(items.map(({ cost }) => cost));
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
