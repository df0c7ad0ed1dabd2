/**
 * Where workers run: how many of them by default, how many threads each one's linear algebra may use, and which GPU each
 * one sees. It reads what the container was given, not what the machine has.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Read by OpenMP, OpenBLAS, MKL, Accelerate and numexpr when they are loaded; each else starts a thread for every core. */
const THREAD_VARIABLES = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
  'NUMEXPR_NUM_THREADS',
];

type Environment = Readonly<Record<string, string | undefined>>;

/** `50000 100000` is half a CPU, `max 100000` all of them. */
const CPU_MAX = '/sys/fs/cgroup/cpu.max';

/** CPUs that this container may use, which can be less than one. */
export function cpus(cpuMaxFile = CPU_MAX): number {
  const [quota, period] = read(cpuMaxFile).trim().split(' ').map(Number);
  const limit = quota && period ? quota / period : Number.POSITIVE_INFINITY;
  return Math.min(limit, availableParallelism());
}

/** The gateway takes the CPU that is left out; a single one is shared. */
export function workersOf(workers: number | 'auto', cpuCount = cpus()): number {
  return workers === 'auto' ? Math.max(1, Math.floor(cpuCount) - 1) : workers;
}

export interface Placement {
  readonly workers: number;
  readonly cpus: number;
  /** Such as `['0', '1']`; empty where there is none. */
  readonly gpus: readonly string[];
}

export function placementOf(workers: number | 'auto'): Placement {
  const cpuCount = cpus();
  return { workers: workersOf(workers, cpuCount), cpus: cpuCount, gpus: gpus() };
}

/** The variables that the worker of this number is started with, beside the gateway's own; what the user has set stays. */
export function environmentOf(index: number, placement: Placement, own: Environment = process.env): Environment {
  const threads = String(Math.max(1, Math.floor(placement.cpus / placement.workers)));
  const gpu = placement.gpus[index % placement.gpus.length];
  return { ...threadVariables(threads, own), ...(gpu !== undefined && { CUDA_VISIBLE_DEVICES: gpu }) };
}

/** The variables of a process that is to be forked, which it may not be while libraries keep threads ready. */
export function singleThreaded(own: Environment = process.env): Environment {
  return threadVariables('1', own);
}

function threadVariables(threads: string, own: Environment): Record<string, string> {
  const unset = THREAD_VARIABLES.filter((name) => own[name] === undefined);
  return Object.fromEntries(unset.map((name) => [name, threads]));
}

/** The GPUs that CUDA would see in this process: those that were chosen, else those whose device files are there. */
export function gpus(own: Environment = process.env, deviceFolder = '/dev'): string[] {
  const chosen = own.CUDA_VISIBLE_DEVICES;
  if (chosen !== undefined) return chosen.split(',').filter((device) => device.trim() !== '' && device.trim() !== '-1');
  const numbers = list(deviceFolder).map((file) => /^nvidia(\d+)$/.exec(file)?.[1]);
  return numbers.filter((number) => number !== undefined).sort((one, other) => Number(one) - Number(other));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // No such control group: nothing bounds this process.
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
