/**
 * Leaving without losing anything: readiness says no while requests are still taken, then no connection is accepted, then
 * everything accepted is answered, then the workers end. A second signal skips the serving on.
 */
import type { Deadlines } from './deadline';
import { Deferred } from './deferred';
import type { Front } from './front';
import type { Health } from './health';
import type { Log } from './log';
import type { Tracing } from './tracing/tracing';
import type { WorkerPool } from './worker/pool';

/** An answer needs a little longer than its deadline to be written. */
const WRITING_MS = 5_000;

/** When the last request is answered, a worker has nothing to do but to exit. */
const WORKER_EXIT_MS = 2_000;

/** So long whoever receives spans may take for the last of them. */
const LAST_SPANS_MS = 2_000;

export interface Drained {
  readonly health: Health;
  /** In the order in which they close: traffic first, so that readiness can be asked to the end. */
  readonly servers: readonly Front[];
  readonly pool: WorkerPool;
  readonly tracing: Tracing;
  readonly deadlines: Deadlines;
  readonly log: Log;
  readonly metrics: { readonly running: number; readonly queued: number };
  readonly config: { readonly requestTimeoutMs: number };
}

/** Resolves when a first SIGTERM or SIGINT has drained; a second one ends the serving on. SIGINT comes from a person. */
export async function drainOnSignal(parts: Drained, serveOnMs: number): Promise<void> {
  const first = new Deferred<NodeJS.Signals>();
  const second = new Deferred<void>();
  let isDraining = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isDraining) second.resolve();
    isDraining = true;
    first.resolve(signal);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const signal = await first.promise;
  await drain(parts, signal === 'SIGINT' ? 0 : serveOnMs, second.promise);
}

async function drain(parts: Drained, serveOnMs: number, hurry: Promise<void>): Promise<void> {
  const { health, servers, pool, tracing, deadlines, log, metrics, config } = parts;
  const { running, queued } = metrics;
  health.drain();
  log.event('info', 'draining', 'Draining.', { serve_on_ms: serveOnMs, running, queued });
  await Promise.race([deadlines.wait(serveOnMs), hurry]);
  for (const server of servers) await server.close(config.requestTimeoutMs + WRITING_MS);
  await Promise.all([pool.stop(WORKER_EXIT_MS), tracing.close(LAST_SPANS_MS)]);
}
