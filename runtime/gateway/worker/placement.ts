/**
 * Where workers run: how many of them by default, how many threads each one's linear algebra may use, and which GPUs each
 * one sees. It reads what the container was given, not what the machine has.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { automaticWorkers } from '../../contract/manifest';

/** Read by OpenMP, OpenBLAS, MKL, Accelerate and numexpr when they are loaded; each else starts a thread for every core. */
const THREAD_VARIABLES = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
  'NUMEXPR_NUM_THREADS',
];

type Environment = Readonly<Record<string, string | undefined>>;

const CGROUP = '/sys/fs/cgroup';

/** CPUs that this container may use, which can be less than one: as its control group says, of version 2 or 1. */
export function cpus(folder = CGROUP): number {
  const [quota, period] = quotaAndPeriod(folder);
  const limit = quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
  return Math.min(limit, availableParallelism());
}

/** `50000 100000` is half a CPU; where nothing is limited the first one is `max`, or -1 in version 1. */
function quotaAndPeriod(folder: string): [number, number] {
  const old = () => ['quota', 'period'].map((name) => read(join(folder, `cpu/cpu.cfs_${name}_us`))).join(' ');
  const [quota, period] = (read(join(folder, 'cpu.max')) || old()).split(' ').map(Number);
  return [quota || 0, period || 0];
}

export function workersOf(workers: number | 'auto', cpuCount = cpus()): number {
  return workers === 'auto' ? automaticWorkers(cpuCount) : workers;
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
  const gpus = gpusOf(index, placement);
  return { ...threadVariables(threads, own), ...(gpus.length > 0 && { CUDA_VISIBLE_DEVICES: gpus.join(',') }) };
}

/** Fewer GPUs than workers go around among them; of more each worker has its share, neighbours together. */
function gpusOf(index: number, { workers, gpus }: Placement): readonly string[] {
  if (gpus.length < workers) return gpus.slice(index % gpus.length).slice(0, 1);
  const startOf = (place: number) => Math.floor((place * gpus.length) / workers);
  const place = index % workers;
  return gpus.slice(startOf(place), startOf(place + 1));
}

/** The variables of a process that is to be forked, which it may not be while libraries keep threads ready. */
export function singleThreaded(own: Environment = process.env): Environment {
  return threadVariables('1', own);
}

function threadVariables(threads: string, own: Environment): Record<string, string> {
  const unset = THREAD_VARIABLES.filter((name) => own[name] === undefined);
  return Object.fromEntries(unset.map((name) => [name, threads]));
}

/**
 * The GPUs that CUDA would see in this process: those that were chosen, else one for each device file. A file keeps the
 * number that its GPU has on the machine, and CUDA counts those that it finds from 0: a container that was given
 * `/dev/nvidia3` alone has one GPU, and that is number 0.
 */
export function gpus(own: Environment = process.env, deviceFolder = '/dev'): string[] {
  const chosen = own.CUDA_VISIBLE_DEVICES;
  if (chosen !== undefined) return visible(chosen.split(',').map((device) => device.trim()));
  return list(deviceFolder)
    .filter((file) => /^nvidia\d+$/.test(file))
    .map((_, index) => String(index));
}

/** CUDA sees none from the first on that is none. */
function visible(devices: string[]): string[] {
  const end = devices.findIndex((device) => device === '' || device === '-1');
  return end < 0 ? devices : devices.slice(0, end);
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
