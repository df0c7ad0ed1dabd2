/** Barriers between a test and what it serves: a gate that the `held` handler waits at, and waiting for a state. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const stat = `/proc/${pid}/stat`;
  try {
    process.kill(pid, 0);
    // One that has ended, and that nobody has asked about, is still known.
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}

/** The process that runs the `held` handler: each of its workers says who it is when it loads. */
export function workerOf(api: Serving): number {
  const said = api.logs.flatMap(({ msg }) => /^worker (\d+)$/.exec(msg)?.[1] ?? []);
  return Number(said.at(-1));
}
