/** What a replica costs an hour. One price for both sides, so that dollars compare policies and not providers. */
import prices from '../../bin/cost/prices.json';

const { vcpu, gb } = prices.regions['us-east-1'].fargate.x86;

/** Fargate, Linux on x86, on demand: the row of `model-api cost`. */
export const FARGATE_PRICE = { date: prices.date, region: 'us-east-1', vcpuHour: vcpu, gbHour: gb } as const;

export function replicaHourPrice({ vcpus, memoryGb }: { readonly vcpus: number; readonly memoryGb: number }): number {
  return vcpus * FARGATE_PRICE.vcpuHour + memoryGb * FARGATE_PRICE.gbHour;
}
