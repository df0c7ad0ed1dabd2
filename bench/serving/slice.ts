/** One server's turn in a round: thawed, loaded, measured and frozen again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadResult } from './load/load-result';
import { runOpenLoop } from './load/open-loop';
import { runClosedLoop } from './load/wrk';
import type { Load, Sample } from './measures';
import { cpuMicroseconds, memoryBytes } from './processes';
import type { HttpRequest } from './request';
import type { Server } from './server';
import type { Work } from './works';

export interface SliceOptions {
  readonly load: Load;
  readonly seconds: number;
  /** What the server does at its best, in requests a second: the base of the open loops' shares. */
  readonly peak: number;
}

/** More than any server's queue: who sheds must get the chance to. */
const OPEN_CONNECTIONS = 400;
const OPEN_WARM_UP_SECONDS = 0.5;

/** As long as 64 requests of 10 ms take, and a little more. Some servers are never idle. */
const SETTLE_MS = 1_000;
const SETTLE_POLL_MS = 50;
/** One tick of the kernel's account: less cannot be told from nothing. */
const IDLE_US = 10_000;

export async function measureSlice(
  server: Server,
  request: HttpRequest,
  work: Work,
  options: SliceOptions,
): Promise<Sample> {
  if (options.load.kind === 'open' && !(options.peak > 0)) throw new Error('it has no peak to take a share of');
  server.thaw();
  try {
    const before = cpuMicroseconds(server.pid);
    const result = await server.during(run(server, request, work, options));
    const spent = cpuMicroseconds(server.pid) - before;
    const sample = sampleOf(result, options, spent, memoryBytes(server.pid));
    await settled(server);
    return sample;
  } finally {
    server.freeze();
  }
}

/**
 * Waits until the server has nothing left to do. Many go on with requests whose callers have left, and frozen with those
 * they would begin their next turn in arrears.
 */
async function settled(server: Server): Promise<void> {
  const giveUpAt = performance.now() + SETTLE_MS;
  let before = cpuMicroseconds(server.pid);
  while (performance.now() < giveUpAt) {
    await sleep(SETTLE_POLL_MS);
    const now = cpuMicroseconds(server.pid);
    if (now - before <= IDLE_US) return;
    before = now;
  }
}

function run(server: Server, request: HttpRequest, work: Work, options: SliceOptions): Promise<LoadResult> {
  const { load, seconds, peak } = options;
  const { port, bodyFile, requestFile } = server;
  if (load.kind === 'closed') {
    const { path, headers } = request;
    return runClosedLoop({ port, path, headers, bodyFile, seconds, connections: load.connections });
  }
  return runOpenLoop({
    port,
    requestFile,
    seconds,
    rate: peak * load.share,
    warmUpSeconds: OPEN_WARM_UP_SECONDS,
    connections: OPEN_CONNECTIONS,
    deadlineMs: work.deadlineMs,
  });
}

function sampleOf(result: LoadResult, { load }: SliceOptions, cpu: number, memory: number): Sample {
  const { ok, offered, seconds, p50, p99, good, shedP99, failed } = result;
  const failedShare = offered === 0 ? 1 : failed / offered;
  if (load.kind === 'open') return { p50, p99, goodput: good / seconds, shed_p99: shedP99, failedShare };
  // Wrong answers are fast: a server that gives them has no latency and no throughput to compare.
  if (failedShare > 0.001) return { failedShare };
  return { throughput: ok / seconds, p50, p99, cpu_us_per_request: cpu / offered, rss: memory, failedShare };
}
