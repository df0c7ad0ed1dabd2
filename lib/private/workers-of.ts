/** How many workers a replica runs, and the checks of what is said of one against the machine that it gets. */
import { type Size, SizeRoundingBehavior } from 'aws-cdk-lib';
import { automaticWorkers } from '../../runtime/contract/manifest';
import type { ComputeBinding } from '../compute/binding';
import type { ServingOptions } from '../serving-options';
import { type Check, isKnown } from './check';

type Machine = Pick<ComputeBinding, 'cpu' | 'memory' | 'gpus'>;

/** CPU units of a vCPU. */
const VCPU = 1024;

/** A number, so that the gateway and the scaling target count the same; undefined where nothing was said. */
export function workersOf({ workers, autoWorkers }: ServingOptions, { cpu, gpus }: Machine): number | undefined {
  // On GPUs it is these that workers wait for, and each loads the model into the memory of one.
  return autoWorkers ? gpus || automaticWorkers(cpu / VCPU) : workers;
}

export function checkWorkers(check: Check, options: ServingOptions, { cpu, memory }: Machine): void {
  check.that(
    !options.autoWorkers || isKnown(cpu),
    'autoWorkers needs the cpu of compute known at synth: the scaling target follows it. Give workers instead',
  );
  const { recycleAboveMemory: limit } = options;
  if (!limit || limit.isUnresolved() || memory.isUnresolved()) return;
  check.that(
    limit.toBytes({ rounding: SizeRoundingBehavior.NONE }) < memory.toBytes(),
    `recycleAboveMemory (${mebibytes(limit)}) must be below the memory of a replica (${mebibytes(memory)}), or a worker is killed before it is replaced: give a lower one, or compute more memory`,
  );
}

function mebibytes(size: Size): string {
  return `${size.toMebibytes({ rounding: SizeRoundingBehavior.NONE })} MiB`;
}
