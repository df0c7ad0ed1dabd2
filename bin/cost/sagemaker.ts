/**
 * The same replicas as a real-time endpoint of SageMaker: on the same instances where it offers them, else on the cheapest
 * that are at least as large as a replica.
 */
import type { Fleet } from './fleets';
import { INSTANCES, type InstanceSize } from './instances';
import type { FoundApi } from './model-apis';
import type { Prices } from './prices';
import type { Replicas } from './replicas';
import { type Columns, columns, HOURS_A_MONTH, times } from './situations';

export interface Endpoint {
  /** With its `ml.`. */
  readonly instance: string;
  readonly vcpus: number;
  readonly memoryGiB: number;
  /** Whether it is the instance that the replicas run on, or only one of a like size. */
  readonly isSame: boolean;
  readonly instances: Columns;
  readonly month: Columns;
}

/** Undefined where nothing in the table is as large. */
export function endpointFor(
  api: FoundApi,
  replicas: Replicas,
  fleet: Fleet | undefined,
  prices: Prices,
): Endpoint | undefined {
  const price = fleet && prices.sagemaker(fleet.kind.instance.type);
  if (fleet && price) return endpoint(fleet.kind.instance, price, true, fleet.instancesFor(api));
  const nearest = nearestTo(api, prices);
  return nearest && endpoint(nearest.size, nearest.price, false, replicas.count);
}

/** An endpoint has one instance at least. */
function endpoint(size: InstanceSize, price: number, isSame: boolean, counts: Columns): Endpoint {
  const instances = columns((situation) => Math.max(1, counts[situation]));
  const { type, vcpus, memoryGiB } = size;
  const month = times(instances, price * HOURS_A_MONTH);
  return { instance: `ml.${type}`, vcpus, memoryGiB, isSame, instances, month };
}

function nearestTo({ replica }: FoundApi, prices: Prices): { size: InstanceSize; price: number } | undefined {
  const large = [...INSTANCES.values()].filter(
    ({ vcpus, memoryGiB, gpus, architecture }) =>
      vcpus >= replica.vcpus &&
      memoryGiB >= replica.memoryGiB &&
      (replica.gpus > 0 ? gpus >= replica.gpus : gpus === 0) &&
      architecture === replica.architecture,
  );
  const priced = large.flatMap((size) => {
    const price = prices.sagemaker(size.type);
    return price === undefined ? [] : [{ size, price }];
  });
  return priced.sort((one, other) => one.price - other.price)[0];
}
