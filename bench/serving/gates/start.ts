/**
 * What the gateway adds to a start: from the start of its process until its handler is loaded, less what the worker took
 * for that, beside a Node that does nothing. And the size of its bundle's entry, beside one megabyte.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { atMost } from '../gates';
import { GATEWAY, gatewayLaunch } from '../gateway';
import type { Row } from '../results';
import { type GateOptions, gateRow } from './gate';

const MEGABYTE = 1_000_000;

export async function start({ quick, progress, programs }: GateOptions): Promise<Row[]> {
  const rounds = quick ? 5 : 20;
  const alone: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < rounds; round++) {
    progress.step(`start, ${round + 1} of ${rounds}`);
    const bare = bareNode();
    const { readyMs, modelMs } = await startOnce(programs);
    alone.push((readyMs - modelMs) / bare);
    whole.push(readyMs / bare);
  }
  const key = { work: 'start', load: `${rounds} starts`, peer: 'node -e 0' };
  return [
    gateRow({ ...key, measure: 'time_to_ready_without_model' }, alone, atMost(2.5)),
    gateRow({ ...key, measure: 'time_to_ready_with_worker' }, whole),
    gateRow(
      { work: 'bundle', load: 'entry', measure: 'size', peer: '1 MB' },
      [statSync(GATEWAY).size / MEGABYTE],
      atMost(1),
    ),
  ];
}

async function startOnce(programs: string): Promise<{ readyMs: number; modelMs: number }> {
  const { command, args, env } = gatewayLaunch(programs, 'trivial', { port: 0 });
  const startedAt = performance.now();
  const gateway = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(gateway, 'close');
  for await (const text of createInterface({ input: gateway.stdout })) {
    const line = JSON.parse(text);
    if (line.event !== 'loaded') continue;
    const readyMs = performance.now() - startedAt;
    gateway.kill('SIGTERM');
    gateway.stdout.resume();
    await exited;
    return { readyMs, modelMs: line.load_seconds * 1000 };
  }
  throw new Error('the gateway ended before its handler was loaded');
}

function bareNode(): number {
  const startedAt = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - startedAt;
}
