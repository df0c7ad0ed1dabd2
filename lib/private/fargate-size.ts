/** The sizes in which AWS Fargate sells a task, and the check that names the valid ones. */
import { type Size, SizeRoundingBehavior } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Check, isKnown } from './check';

/** From, to, in steps of: MiB. */
function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

/** Memory in MiB by CPU units, as AWS lists it. */
const FARGATE_MEMORY: { readonly [cpu: number]: readonly number[] } = {
  256: [512, 1024, 2048],
  512: steps(1024, 4096, 1024),
  1024: steps(2048, 8192, 1024),
  2048: steps(4096, 16384, 1024),
  4096: steps(8192, 30720, 1024),
  8192: steps(16384, 61440, 4096),
  16384: steps(32768, 122880, 8192),
};

/** What a task asks of Fargate. */
export interface FargateSize {
  readonly cpu: number;
  /** Left out: what goes with the `cpu`. */
  readonly memory?: Size;
  readonly ephemeralStorage?: Size;
}

export function checkFargateSize(scope: Construct, { cpu, memory, ephemeralStorage }: FargateSize): void {
  const check = new Check(scope);
  const valid = FARGATE_MEMORY[cpu];
  if (isKnown(cpu)) {
    check.that(valid !== undefined, `cpu must be one of ${Object.keys(FARGATE_MEMORY).join(', ')} (got ${cpu})`);
  }
  check.that(
    memory !== undefined || isKnown(cpu),
    'cpu is known at deployment only, and the memory that goes with it is not: give memory too',
  );
  check.size('memory', memory, 'mebibytes');
  check.size('ephemeralStorage', ephemeralStorage, 'gibibytes');
  if (valid !== undefined && memory && !memory.isUnresolved()) {
    const memoryMiB = memory.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
    const choice = `memory in MiB must be one of ${valid.join(', ')} with cpu ${cpu}`;
    check.that(valid.includes(memoryMiB), `${choice} (got ${memoryMiB})`);
  }
  if (ephemeralStorage && !ephemeralStorage.isUnresolved()) {
    const diskGiB = ephemeralStorage.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
    check.integer('ephemeralStorage in GiB', diskGiB, 21, 200);
  }
  check.done();
}
