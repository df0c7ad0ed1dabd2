/**
 * Which instance AWS takes where a fleet says what it requires and not which type: the cheapest that meets all demands, as
 * far as the catalogue and the table of prices go.
 */
import type { Json } from './assembly';
import { INSTANCES, type InstanceSpec, replicasOn } from './instances';
import type { ReplicaSize } from './model-apis';
import type { Prices } from './prices';

/** Those that meet all demands and hold each of the replicas, the cheapest first. */
export function instancesFor(demands: Json, replicas: readonly ReplicaSize[], prices: Prices): InstanceSpec[] {
  const holdsAll = (spec: InstanceSpec) =>
    replicas.every((replica) => replicasOn(spec, replica, { byInterfaces: false }) > 0);
  const priced = [...INSTANCES.values()]
    .filter((spec) => meets(spec, demands) && holdsAll(spec))
    .flatMap((spec) => {
      const price = prices.ec2OrNone(spec.instanceType);
      return price === undefined ? [] : [{ spec, price }];
    });
  return priced.sort((one, other) => one.price - other.price).map(({ spec }) => spec);
}

function meets(spec: InstanceSpec, demands: Json): boolean {
  const { AllowedInstanceTypes: allowed, ExcludedInstanceTypes: excluded = [], CpuManufacturers } = demands;
  const { instanceType, vcpus, memoryMiB, architecture } = spec;
  return (
    (!allowed || allowed.some((pattern: string) => matches(instanceType, pattern))) &&
    !excluded.some((pattern: string) => matches(instanceType, pattern)) &&
    within(vcpus, demands.VCpuCount) &&
    within(memoryMiB, demands.MemoryMiB) &&
    (!CpuManufacturers || CpuManufacturers.includes('amazon-web-services') === (architecture === 'arm64')) &&
    (demands.BurstablePerformance === 'included' || allowed || !/^t\d/.test(instanceType)) &&
    meetsAccelerators(spec, demands)
  );
}

/** Instances with accelerators are taken only where these, or the instances by name, are asked for. */
function meetsAccelerators({ gpus, gpuMemoryMiB, gpuName = '' }: InstanceSpec, demands: Json): boolean {
  const { AcceleratorCount: count, AcceleratorTypes, AcceleratorNames: names, AllowedInstanceTypes } = demands;
  if (count?.Max === 0) return gpus === 0;
  if (!count && !AcceleratorTypes && !names) return gpus === 0 || Boolean(AllowedInstanceTypes);
  return (
    gpus > 0 &&
    within(gpus, count) &&
    within(gpus * gpuMemoryMiB, demands.AcceleratorTotalMemoryMiB) &&
    (!names || names.includes(gpuName))
  );
}

function matches(type: string, pattern: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(type);
}

function within(value: number, range: Json): boolean {
  return value >= (range?.Min ?? 0) && value <= (range?.Max ?? Number.POSITIVE_INFINITY);
}
