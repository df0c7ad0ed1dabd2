/**
 * The checks of Managed Instances: that what is asked of them can be, and that a replica fits an instance that may be
 * chosen. AWS takes requirements that no type meets, and a service that waits for an instance waits for ever. Types that
 * are not listed here are not judged.
 */
import { type Size, SizeRoundingBehavior } from 'aws-cdk-lib';
import { type Check, isKnown } from '../private/check';
import { checkShares } from './capacity-shares';
import {
  fits,
  type InstanceNeed,
  type InstanceSpec,
  listedTypes,
  memoryForTasks,
  smallestFitting,
  specsOf,
} from './instance-catalogue';
import { areListed, checkGpuNames } from './managed-gpus';
import type { ManagedCapacityOptions } from './managed-options';
import { allJudged, architectureOf, checkTypes, isBareMetal, isBurstable } from './managed-types';

/** How much of an instance a replica gets. */
export interface ManagedSize {
  readonly cpu: number;
  readonly memory: Size;
  readonly gpus: number;
}

/** CPU units of a vCPU. */
export const VCPU = 1024;

/** CPU units that ECS takes for a task, up to the largest instance. */
const CPU_UNITS = { least: 128, most: 196_608 } as const;
const LEAST_MEMORY_MIB = 128;
export const MOST_GPUS = 16;
const MOST_STORAGE_GIB = 16_384;

/** Of the instances, with the GPUs that one has at least. */
export function checkManagedCapacity(check: Check, options: ManagedCapacityOptions, gpus: number): void {
  checkShares(check, options);
  checkTypes(check, options, gpus);
  checkGpuNames(check, options, gpus);
  check.size('taskVolumeStorage', options.taskVolumeStorage, 'gibibytes');
  const { taskVolumeStorage: disk } = options;
  if (disk === undefined || disk.isUnresolved()) return;
  const diskGiB = disk.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
  check.integer('taskVolumeStorage in GiB', diskGiB, 1, MOST_STORAGE_GIB);
}

/** Of a replica, on such instances. */
export function checkManagedReplica(check: Check, size: ManagedSize, options: ManagedCapacityOptions): void {
  const { cpu, memory, gpus } = size;
  const why = 'must be known at synth: the instances are chosen by it';
  check.that(isKnown(cpu), `cpu ${why}`);
  check.that(!memory.isUnresolved(), `memory ${why}`);
  check.that(isKnown(gpus), `gpus ${why}`);
  if (!isKnown(cpu) || memory.isUnresolved() || !isKnown(gpus)) return;
  check.integer('cpu', cpu, CPU_UNITS.least, CPU_UNITS.most);
  check.integer('memory in MiB', mebibytes(memory), LEAST_MEMORY_MIB);
  check.integer('gpus', gpus, 0, MOST_GPUS);
  checkFit(check, size, options);
}

function checkFit(check: Check, { cpu, memory, gpus }: ManagedSize, options: ManagedCapacityOptions): void {
  const { instanceTypes, gpuNames } = options;
  if (gpuNames && !areListed(gpuNames)) return;
  const need = {
    vcpus: cpu / VCPU,
    memoryMiB: mebibytes(memory),
    gpus,
    gpuNames,
    architecture: architectureOf(options),
  };
  const allowed = instanceTypes ? allJudged(instanceTypes) : ordinary();
  if (allowed.length === 0 || allowed.some((spec) => fits(spec, need))) return;
  const beside =
    gpus > 0 ? `, memory of ${need.memoryMiB} MiB and ${count(gpus)}` : ` and memory of ${need.memoryMiB} MiB`;
  const choice = instanceTypes ? `instanceTypes (${instanceTypes.join(', ')})` : 'the types that are known here';
  check.that(
    false,
    `a replica with cpu ${cpu}${beside} fits none of ${choice}${largestOf(allowed, need)}: ${adviceFor(need)}`,
  );
}

/** What AWS chooses from where no type is named. */
function ordinary(): readonly InstanceSpec[] {
  return specsOf(listedTypes().filter((type) => !isBurstable(type) && !isBareMetal(type)));
}

/** What the largest of the types with the right processors and GPUs would give. */
function largestOf(allowed: readonly InstanceSpec[], { gpus = 0, gpuNames, architecture }: InstanceNeed): string {
  const right = allowed.filter((spec) => fits(spec, { gpus: Math.min(gpus, 1), gpuNames, architecture }));
  if (right.length === 0) return '';
  const most = (of: (spec: InstanceSpec) => number) => Math.max(...right.map(of));
  const memory = most(({ memoryMiB }) => memoryForTasks(memoryMiB));
  const gpuCount = gpus > 0 ? ` and ${count(most((spec) => spec.gpus))}` : '';
  return `, which leave a replica at most cpu ${most(({ vcpus }) => vcpus) * VCPU}, ${memory} MiB${gpuCount}`;
}

function adviceFor(need: InstanceNeed): string {
  const smallest = smallestFitting(
    need,
    ordinary().map(({ instanceType }) => instanceType),
  );
  return smallest
    ? `the smallest type with room for it is ${smallest}`
    : 'ask for less, or name other types by instanceTypes';
}

function count(gpus: number): string {
  return gpus === 1 ? '1 GPU' : `${gpus} GPUs`;
}

function mebibytes(size: Size): number {
  return size.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
}
