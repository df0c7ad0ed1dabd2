/**
 * The same replicas as a real-time endpoint of SageMaker: on the same instances where it offers them, else on the cheapest
 * that are at least as large as a replica.
 */
import type { Fleet } from './fleets';
import { INSTANCES } from './instances';
import type { FoundApi } from './model-apis';
import type { Prices } from './prices';
import type { Replicas } from './replicas';
import { type Columns, columns, HOURS_A_MONTH, times } from './situations';

export interface Endpoint {
  /** With its `ml.`. */
  readonly instance: string;
  /** Whether it is the instance that the replicas run on, or only one of a like size. */
  readonly isSame: boolean;
  readonly instances: Columns;
  readonly month: Columns;
}

/** Undefined where nothing in the table is as large. */
export function endpointFor(api: FoundApi, replicas: Replicas, fleet: Fleet | undefined, prices: Prices): Endpoint | undefined {
  const type = fleet?.kind.instance.type;
  const price = type && prices.sagemaker(type);
  if (type && price) return endpoint(type, price, true, fleet.instancesFor(api));
  const nearest = nearestTo(api, prices);
  return nearest && endpoint(nearest.type, nearest.price, false, replicas.count);
}

/** An endpoint has one instance at least. */
function endpoint(type: string, price: number, isSame: boolean, counts: Columns): Endpoint {
  const instances = columns((situation) => Math.max(1, counts[situation]));
  return { instance: `ml.${type}`, isSame, instances, month: times(instances, price * HOURS_A_MONTH) };
}

function nearestTo({ replica }: FoundApi, prices: Prices): { type: string; price: number } | undefined {
  const large = [...INSTANCES.values()].filter(
    ({ vcpus, memoryGiB, gpus, architecture }) =>
      vcpus >= replica.vcpus &&
      memoryGiB >= replica.memoryGiB &&
      (replica.gpus > 0 ? gpus >= replica.gpus : gpus === 0) &&
      architecture === replica.architecture,
  );
  const priced = large.flatMap(({ type }) => {
    const price = prices.sagemaker(type);
    return price === undefined ? [] : [{ type, price }];
  });
  return priced.sort((one, other) => one.price - other.price)[0];
}
