/**
 * How many replicas fit on an EC2 instance, and how its price follows from the one of its family. What an instance has is
 * the library's own catalogue.
 */
import { type InstanceSpec, instanceSpec, listedTypes, memoryForTasks } from '../../lib/compute/instance-catalogue';
import type { ReplicaSize } from './model-apis';

export type { InstanceSpec } from '../../lib/compute/instance-catalogue';

export const INSTANCES: ReadonlyMap<string, InstanceSpec> = new Map(
  listedTypes().map((type) => [type, instanceSpec(type) as InstanceSpec]),
);

/** Memory in MiB that the ECS agent keeps for itself and Docker, as fleets of this library have it. */
const AGENT_MEMORY = 256;

const MEBIBYTES = 1024;

/** Sums of fractions that should be whole are not always. */
const ROUNDING = 1e-6;

export interface FitOptions {
  /** Whether each replica takes a network interface of the instance, which keeps one for itself. */
  readonly byInterfaces: boolean;
}

/** Replicas on one instance, by whatever runs out first. */
export function replicasOn(instance: InstanceSpec, replica: ReplicaSize, { byInterfaces }: FitOptions): number {
  if (instance.architecture !== ARCHITECTURES[replica.architecture]) return 0;
  const memoryGiB = (memoryForTasks(instance.memoryMiB) - AGENT_MEMORY) / MEBIBYTES;
  const fitting = Math.min(
    instance.vcpus / replica.vcpus,
    memoryGiB / replica.memoryGiB,
    replica.gpus > 0 ? instance.gpus / replica.gpus : Number.POSITIVE_INFINITY,
    byInterfaces ? instance.enis - 1 : Number.POSITIVE_INFINITY,
  );
  return Math.floor(fitting + ROUNDING);
}

/** Whether an instance of the type is at least as large as a replica, taken as a whole. */
export function isAsLarge(instance: InstanceSpec, { vcpus, memoryGiB, gpus, architecture }: ReplicaSize): boolean {
  return (
    instance.vcpus >= vcpus &&
    instance.memoryMiB >= memoryGiB * MEBIBYTES &&
    instance.gpus >= gpus &&
    instance.architecture === ARCHITECTURES[architecture]
  );
}

const ARCHITECTURES = { x86: 'x86_64', arm: 'arm64' } as const;

/** Units by which AWS itself compares the sizes of a family; their prices are in the same proportion. */
const UNITS: Readonly<Record<string, number>> = { nano: 1 / 16, micro: 1 / 8, small: 1 / 4, medium: 1 / 2, large: 1 };

/** How many times a `large` of its family an instance is; bare metal has prices of its own. */
export function multipleOfLarge(type: string): number | undefined {
  const size = type.split('.')[1] ?? '';
  const [, multiple] = /^(\d*)xlarge$/.exec(size) ?? [];
  return UNITS[size] ?? (multiple === undefined ? undefined : 2 * Number(multiple || 1));
}
