/**
 * A worker is killed under load. Its handler writes down each request that it begins: only those may fail. Then the time
 * until a request that was sent after the kill has its answer, beside what starting a Python that does nothing takes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost } from '../gates';
import { gatewayLaunch } from '../gateway';
import { treeOf } from '../processes';
import { bytesOf, type HttpRequest } from '../request';
import type { Row } from '../results';
import { Server } from '../server';
import { median } from '../statistics';
import { Callers } from './callers';
import { type GateOptions, gateRow } from './gate';

const CALLERS = 32;
const BEFORE_MS = 500;
const AFTER_MS = 1_500;
const LOAD = `c=${CALLERS}`;

interface Kill {
  readonly failedWithoutStart: number;
  readonly nextSuccessMs: number;
}

export async function workerKill({ quick, progress, programs }: GateOptions): Promise<Row[]> {
  const kills = quick ? 3 : 15;
  const unjust: number[] = [];
  const ratios: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    progress.step(`kill -9 of a worker, ${kill + 1} of ${kills}`);
    const { failedWithoutStart, nextSuccessMs } = await killOnce(programs);
    unjust.push(failedWithoutStart);
    ratios.push(nextSuccessMs / barePython(programs));
  }
  const total = unjust.reduce((sum, count) => sum + count, 0);
  const load = `${LOAD}, ${kills} kills`;
  return [
    gateRow({ work: 'kill -9', load, measure: 'failed_not_started', peer: 'nobody: a count' }, [total], atMost(0)),
    gateRow({ work: 'kill -9', load, measure: 'next_success', peer: 'python3 -c pass' }, ratios, atMost(5)),
  ];
}

/** With a fresh gateway, so that no kill is the second of a crash loop. */
async function killOnce(programs: string): Promise<Kill> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-kill-'));
  const record = join(folder, 'record');
  const server = await Server.start('ours', (port) =>
    gatewayLaunch(programs, 'recorded', { port, queueRequests: 1000, config: { record } }),
  );
  try {
    await server.ready(requestOf('first'), (text) => text.includes('first'));
    const callers = new Callers({
      port: server.port,
      count: CALLERS,
      pauseMs: 0,
      bytes: (nonce) => bytesOf(requestOf(nonce)),
    });
    await sleep(BEFORE_MS);
    const [, worker] = treeOf(server.pid);
    const killedAt = performance.now();
    process.kill(worker, 'SIGKILL');
    await sleep(AFTER_MS);
    await callers.stop();
    const started = new Set(
      readFileSync(record, 'utf8')
        .split('\n')
        .map((line) => line.replaceAll('\0', '')),
    );
    const successes = callers.calls.filter(({ status, sentAt }) => status === 200 && sentAt > killedAt);
    return {
      failedWithoutStart: callers.failed.filter(({ nonce }) => !started.has(nonce)).length,
      // When there was none, it was at least as long as was waited.
      nextSuccessMs: Math.min(AFTER_MS, ...successes.map(({ endedAt }) => endedAt - killedAt)),
    };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function requestOf(nonce: string): HttpRequest {
  const headers = { 'Content-Type': 'application/json' };
  return { path: '/predict', headers, body: Buffer.from(JSON.stringify({ nonce })) };
}

function barePython(programs: string): number {
  const times = Array.from({ length: 5 }, () => {
    const startedAt = performance.now();
    spawnSync(join(programs, 'python'), ['-c', 'pass']);
    return performance.now() - startedAt;
  });
  return median(times);
}
