/** Barriers between a test and what it serves: a gate that the `held` handler waits at, and waiting for a state. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Serving } from './serve';

export interface Gate {
  /** What `held` is told to wait for. */
  readonly file: string;
  open(): void;
}

export function gate(): Gate {
  const folder = mkdtempSync(join(tmpdir(), 'gate-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'open');
  return { file, open: () => writeFileSync(file, '') };
}

/** Resolves when `isSo` is; the test's own timeout is the limit. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(5);
}

/** Resolves when so many requests wait for a worker. */
export function queued(api: Serving, count: number): Promise<void> {
  return until(async () => (await api.manage('/metrics')).text.includes(`\nmodel_api_queued ${count}\n`));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The youngest process that the gateway has started. */
export function workerOf(gatewayPid: number): number {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(gatewayPid)], { encoding: 'utf8' });
  return Number(children.trim().split('\n').pop());
}
