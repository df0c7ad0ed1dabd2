/**
 * The numbers behind the contract's table of metrics: counters, gauges and durations, changed by the stages as things
 * happen. Hand-made, because a general metrics library costs more than the rest of a request's bookkeeping together.
 */
import type { Excuse } from './errors';
import { GpuReadings, type GpuWindow } from './gpu/readings';
import { HandlerMetrics, type HandlerWindow } from './handler-metrics';
import { type Distribution, Histogram, ROWS } from './histogram';
import { OfferedConcurrency } from './offered-concurrency';

export type ShedReason = 'queue_requests' | 'queue_bytes' | 'deadline' | 'not_ready';

type WindowCounts = Record<
  'requests' | 'clientErrors' | 'serverErrors' | 'shed' | 'timeouts' | 'disconnects' | 'workerRestarts',
  number
>;

/** What happened between two calls of `takeWindow`, and how things stood at its end. */
export interface Window extends Readonly<WindowCounts>, GpuWindow {
  readonly offeredConcurrency: number;
  readonly latency?: Distribution;
  readonly queueTime?: Distribution;
  readonly predictTime?: Distribution;
  readonly batchSize?: Distribution;
  readonly running: number;
  readonly queued: number;
  readonly readyWorkers: number;
  readonly loadTime: number;
  readonly handler: HandlerWindow;
}

const noCounts = (): WindowCounts => ({
  requests: 0,
  clientErrors: 0,
  serverErrors: 0,
  shed: 0,
  timeouts: 0,
  disconnects: 0,
  workerRestarts: 0,
});

export class Metrics {
  /** By status code. */
  readonly requests = new Map<number, number>();
  /** Every reason from the start, so that a first refusal is an increase and not a new series. */
  readonly sheds = new Map<ShedReason, number>([
    ['queue_requests', 0],
    ['queue_bytes', 0],
    ['deadline', 0],
    ['not_ready', 0],
  ]);
  readonly restarts = new Map<string, number>();
  /** Requests that were let in, by the id of their key. */
  readonly keyRequests = new Map<string, number>();
  readonly latency = new Histogram();
  readonly queueTime = new Histogram();
  readonly predictTime = new Histogram();
  readonly batchSize = new Histogram(ROWS);
  /** What the handler records by itself. */
  readonly handler = new HandlerMetrics();
  /** Of this replica's GPUs, where it has some. */
  readonly gpus = new GpuReadings();
  timeouts = 0;
  disconnects = 0;
  running = 0;
  queued = 0;
  loadSeconds = 0;
  /** Of the last whole window. */
  offeredConcurrency = 0;
  /** Asked, not told: the pool knows. */
  readyWorkers: () => number = () => 0;
  readonly #offered = new OfferedConcurrency();
  #window = noCounts();

  get hasServed(): boolean {
    return this.#offered.hasServed;
  }

  get meanServiceMs(): number {
    return this.#offered.meanServiceMs;
  }

  /** What has an excuse is no server error; what the caller decided says nothing of how long the server takes, either. */
  answered(status: number, latencyMs: number, excuse?: Excuse): void {
    this.#count(status, excuse === undefined);
    if (excuse !== 'caller') this.latency.observe(latencyMs);
    if (status !== 504) return;
    this.timeouts += 1;
    this.#window.timeouts += 1;
  }

  /** Bytes that were no request: answered, but with no time from their last to the answer. */
  refused(status: number): void {
    this.#count(status, true);
  }

  /** The caller has gone: how long it waited is what its user saw, or a hung model would look like an idle one. */
  disconnected(waitedMs: number): void {
    this.disconnects += 1;
    this.#window.disconnects += 1;
    this.latency.observe(waitedMs);
  }

  /** A queue was full, or the deadline would pass in it. */
  shed(reason: Exclude<ShedReason, 'not_ready'>): void {
    increase(this.sheds, reason);
    this.#window.shed += 1;
    this.#offered.shed();
  }

  /** No worker could even be waited for. Once there has been one, the answer is a server error and not a refusal. */
  unready(isLoading: boolean): void {
    if (isLoading) increase(this.sheds, 'not_ready');
    this.#offered.shed();
  }

  enterQueue(): void {
    this.queued += 1;
    this.#offered.change(1);
  }

  leaveQueue(): void {
    this.queued -= 1;
    this.#offered.change(-1);
  }

  startRun(): void {
    this.running += 1;
    this.#offered.change(1);
  }

  /** Only now is it known how long it waited in the worker for those before it. */
  endRun(times?: { readonly queueMs: number; readonly predictMs: number }): void {
    this.running -= 1;
    this.#offered.change(-1);
    // It has not run, or its worker died before it could.
    if (times === undefined) return;
    this.#offered.served(times.predictMs);
    this.queueTime.observe(times.queueMs);
    this.predictTime.observe(times.predictMs);
  }

  batched(rows: number): void {
    this.batchSize.observe(rows);
  }

  keyUsed(keyId: string): void {
    increase(this.keyRequests, keyId);
  }

  workerRestarted(reason: string): void {
    increase(this.restarts, reason);
    this.#window.workerRestarts += 1;
  }

  #count(status: number, isServers: boolean): void {
    increase(this.requests, status);
    this.#window.requests += 1;
    if (status >= 500 && isServers) this.#window.serverErrors += 1;
    if (status >= 400 && status < 500) this.#window.clientErrors += 1;
  }

  takeWindow(): Window {
    const counts = this.#window;
    this.#window = noCounts();
    this.offeredConcurrency = this.#offered.takeWindow();
    return {
      ...counts,
      offeredConcurrency: this.offeredConcurrency,
      latency: this.latency.takeWindow(),
      queueTime: this.queueTime.takeWindow(),
      predictTime: this.predictTime.takeWindow(),
      batchSize: this.batchSize.takeWindow(),
      running: this.running,
      queued: this.queued,
      readyWorkers: this.readyWorkers(),
      loadTime: this.loadSeconds,
      ...this.gpus.takeWindow(),
      handler: this.handler.takeWindow(),
    };
  }
}

function increase<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
