/** What a replica costs an hour. One price for both sides, so that dollars compare policies and not providers. */

/** Fargate, Linux on x86, on demand (aws.amazon.com/fargate/pricing). */
export const FARGATE_PRICE = { date: '2026-03', region: 'us-east-1', vcpuHour: 0.04048, gbHour: 0.004445 } as const;

export function replicaHourPrice({ vcpus, memoryGb }: { readonly vcpus: number; readonly memoryGb: number }): number {
  return vcpus * FARGATE_PRICE.vcpuHour + memoryGb * FARGATE_PRICE.gbHour;
}
