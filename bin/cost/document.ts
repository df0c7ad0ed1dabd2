/** The estimate as `--json` prints it: stable names, dollars in fractions of a cent, nothing that is only for people. */
import type { ApiEstimate } from './api-estimate';
import type { Item } from './billed';
import type { Estimate, SharedGroup } from './estimate';
import type { Growth } from './fleets';
import type { Columns } from './situations';
import type { Overriding, Statement } from './statement';

export function costDocument({ apis, shared }: Estimate, statement: Statement): object {
  const { predictMs, priceDate, priceSource, overriddenBy, assumptions, leftOut } = statement;
  return {
    currency: 'USD',
    prices: { date: priceDate, source: priceSource, overriddenBy: overridingDocument(overriddenBy) },
    predictMs,
    assumptions,
    leftOut,
    apis: apis.map(apiDocument),
    shared: shared.map(sharedDocument),
  };
}

function overridingDocument(by: Overriding | undefined): object | null {
  return by ? { file: by.file, date: by.date ?? null, source: by.source ?? null, unused: by.unused } : null;
}

function apiDocument(estimate: ApiEstimate): object {
  const { api, region, compute, replicas, rate, basis, items, total, perMillion, endpoint, notes } = estimate;
  return {
    name: api.name,
    stack: api.service.stack.name,
    region,
    compute,
    replica: { vcpus: api.replica.vcpus, memoryGiB: api.replica.memoryGiB, gpus: api.replica.gpus },
    replicas: rounded(replicas),
    predictionsPerSecond: rate ? rounded(rate) : null,
    rateBasis: basis,
    fleets: estimate.growth.map(growthDocument),
    month: { items: itemsDocument(items), shared: rounded(estimate.shared), total: rounded(total) },
    perMillion: perMillion ? rounded(perMillion) : null,
    sagemaker: endpoint
      ? {
          instance: endpoint.instance,
          vcpus: endpoint.vcpus,
          memoryGiB: endpoint.memoryGiB,
          comparedBy: endpoint.isSame ? 'same instance' : 'nearest size',
          instances: rounded(endpoint.instances),
          month: rounded(endpoint.month),
          perMillion: endpoint.perMillion ? rounded(endpoint.perMillion) : null,
        }
      : null,
    notes,
  };
}

/** JSON has no word for a fleet without a maximum. */
function growthDocument({ name, kind, instance, maxInstances, shareOfMost }: Growth): object {
  const most = Number.isFinite(maxInstances) ? maxInstances : null;
  return { name, kind, instance, maxInstances: most, shareOfMostReplicas: Number(shareOfMost.toFixed(4)) };
}

function sharedDocument({ apis, items, total }: SharedGroup): object {
  return { apis, split: 'evenly', items: itemsDocument(items), total: rounded(total) };
}

function itemsDocument(items: readonly Item[]): object[] {
  return items.map(({ label, cost }) => ({ label, ...rounded(cost) }));
}

function rounded(all: Partial<Columns>): object {
  return Object.fromEntries(Object.entries(all).map(([situation, value]) => [situation, Number(value.toFixed(4))]));
}
