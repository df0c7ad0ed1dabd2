/** When a worker has served long enough: handlers leak, and whoever knows it would rather restart than be killed. */
import { readFileSync } from 'node:fs';
import type { WorkerProcess } from './process';

export interface RecycleLimits {
  readonly recycleRequests?: number;
  readonly recycleBytes?: number;
}

/** Memory is looked at once in so many requests: it grows over hundreds, and looking costs as much as one. */
const LOOK_EVERY = 16;

export function isSpent({ served, pid }: Pick<WorkerProcess, 'served' | 'pid'>, limits: RecycleLimits): boolean {
  const { recycleRequests = Number.POSITIVE_INFINITY, recycleBytes } = limits;
  if (served >= recycleRequests) return true;
  return recycleBytes !== undefined && served % LOOK_EVERY === 0 && residentBytes(pid) > recycleBytes;
}

/** Linux says it in kB; elsewhere it is not known, and no limit is reached. */
function residentBytes(pid: number | undefined): number {
  try {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}
