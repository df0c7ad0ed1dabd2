/**
 * The same replicas as a real-time endpoint of SageMaker: on the same instances where it offers them, else on the cheapest
 * that are at least as large as a replica.
 */
import type { Fleet } from './fleets';
import { INSTANCES, type InstanceSpec, isAsLarge } from './instances';
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
  const price = fleet && prices.sagemaker(fleet.kind.instance.instanceType);
  if (fleet && price) return endpoint(fleet.kind.instance, price, true, fleet.instancesFor(api));
  const nearest = nearestTo(api, prices);
  return nearest && endpoint(nearest.size, nearest.price, false, replicas.count);
}

/** An endpoint has one instance at least. */
function endpoint(size: InstanceSpec, price: number, isSame: boolean, counts: Columns): Endpoint {
  const instances = columns((situation) => Math.max(1, counts[situation]));
  const { instanceType, vcpus, memoryMiB } = size;
  const month = times(instances, price * HOURS_A_MONTH);
  return { instance: `ml.${instanceType}`, vcpus, memoryGiB: memoryMiB / 1024, isSame, instances, month };
}

function nearestTo({ replica }: FoundApi, prices: Prices): { size: InstanceSpec; price: number } | undefined {
  const isGpu = replica.gpus > 0;
  const large = [...INSTANCES.values()].filter((spec) => isAsLarge(spec, replica) && spec.gpus > 0 === isGpu);
  const priced = large.flatMap((size) => {
    const price = prices.sagemaker(size.instanceType);
    return price === undefined ? [] : [{ size, price }];
  });
  return priced.sort((one, other) => one.price - other.price)[0];
}
