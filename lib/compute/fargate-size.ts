/** The sizes in which AWS Fargate sells a task, and the check that says what would fit one that it does not. */
import { type Size, SizeRoundingBehavior } from 'aws-cdk-lib';
import { type Check, isKnown } from '../private/check';

/** Memory in MiB that goes with a `cpu`. */
interface Memory {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** By CPU units, as AWS lists it. The smallest has no 1536 MiB. */
const FARGATE_MEMORY: { readonly [cpu: number]: Memory } = {
  256: { from: 512, to: 2048, step: 512 },
  512: { from: 1024, to: 4096, step: 1024 },
  1024: { from: 2048, to: 8192, step: 1024 },
  2048: { from: 4096, to: 16384, step: 1024 },
  4096: { from: 8192, to: 30720, step: 1024 },
  8192: { from: 16384, to: 61440, step: 4096 },
  16384: { from: 32768, to: 122880, step: 8192 },
};
const CPUS = Object.keys(FARGATE_MEMORY).map(Number);

/** What a task asks of Fargate. */
export interface FargateSize {
  readonly cpu: number;
  /** Left out: what goes with the `cpu`. */
  readonly memory?: Size;
  readonly ephemeralStorage?: Size;
}

export function checkFargateSize(check: Check, { cpu, memory, ephemeralStorage }: FargateSize): void {
  check.that(
    memory !== undefined || isKnown(cpu),
    'cpu is known at deployment only, and the memory that goes with it is not: give memory too',
  );
  check.size('memory', memory, 'mebibytes');
  check.size('ephemeralStorage', ephemeralStorage, 'gibibytes');
  if (isKnown(cpu)) checkMemory(check, cpu, memory);
  if (ephemeralStorage && !ephemeralStorage.isUnresolved()) {
    const diskGiB = ephemeralStorage.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
    check.integer('ephemeralStorage in GiB', diskGiB, 21, 200);
  }
}

function checkMemory(check: Check, cpu: number, memory?: Size): void {
  const known = memory && !memory.isUnresolved();
  const memoryMiB = known ? memory.toMebibytes({ rounding: SizeRoundingBehavior.NONE }) : undefined;
  const fitting = memoryMiB === undefined ? '' : `; ${whatFits(memoryMiB)}`;
  if (!CPUS.includes(cpu)) {
    check.that(false, `cpu must be one of ${CPUS.join(', ')} (got ${cpu})${fitting}`);
    return;
  }
  check.that(
    memoryMiB === undefined || fits(cpu, memoryMiB),
    `with cpu ${cpu} memory must be ${memoryOf(cpu)} (got ${memoryMiB} MiB)${fitting}`,
  );
}

function fits(cpu: number, memoryMiB: number): boolean {
  const memory = FARGATE_MEMORY[cpu];
  if (memory === undefined || (cpu === 256 && memoryMiB === 1536)) return false;
  const { from, to, step } = memory;
  return memoryMiB >= from && memoryMiB <= to && (memoryMiB - from) % step === 0;
}

function whatFits(memoryMiB: number): string {
  const fitting = CPUS.filter((cpu) => fits(cpu, memoryMiB));
  return `memory of ${memoryMiB} MiB fits ${fitting.length > 0 ? `cpu ${fitting.join(', ')}` : 'no cpu'}`;
}

function memoryOf(cpu: number): string {
  if (cpu === 256) return '512, 1024 or 2048 MiB';
  const { from, to, step } = FARGATE_MEMORY[cpu] as Memory;
  return `${from} to ${to} MiB in steps of ${step}`;
}
