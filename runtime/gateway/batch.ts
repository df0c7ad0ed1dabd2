/**
 * When a batch leaves and how large it may be. A worker that is idle takes what waits, and waits for more only if more
 * are about to come: those that it has just answered, as a rule, whose callers ask again. There is no fixed wait, since
 * any is harmful to a model that is faster.
 *
 *     idle                         target reached: go
 *      |--- at most min(5 ms, a quarter of a call) ---|--- while they keep coming, a call at most ---|  go anyway
 *
 * Things that look equal and are not: the window is counted from the moment the worker became idle, the target is
 * what was outstanding lately (waiting and running) and not what waits now, and it decays with time and not with batches.
 * Queueing delay never makes a batch smaller: that spiral ends with batches of one (Clipper's AIMD, fed by total latency).
 */
import { type Batching, SERVING_DEFAULTS } from '../contract/manifest';

const LONGEST_WINDOW_MS = 5;

/** A quarter of a call is what waiting may cost. */
const WINDOW_SHARE = 0.25;

/** A timer is no more precise than this. */
const SHORTEST_WINDOW_MS = 0.5;

/** Beyond the window it is seen again after so long whether more have come, and never longer than this after idle. */
const STEP_MS = 1;
const LONGEST_WAIT_MS = 10;

/** Of faster calls the steps would be a large part. */
const FASTEST_STEPPED_MS = 2;

/** How much one more call moves the mean service time. */
const SERVICE_WEIGHT = 0.2;

/** After so long a peak of outstanding rows has fallen to a third of what it was. */
const PEAK_DECAY_MS = 500;

/** Rows of one call at most. */
export const maxRows = ({ maxBatchSize = SERVING_DEFAULTS.batching.maxBatchSize }: Batching): number => maxBatchSize;

/** A batch that takes longer than its target is followed by one of nine tenths of its rows; else of one row more. */
const DECREASE = 0.9;

export class Batcher {
  #meanServiceMs = 0;
  /** When the worker that is idle became so, and what waited when that was first seen. */
  #idle = { since: -1, seenAt: 0, rows: 0 };
  #peakRows = 0;
  #peakAt = 0;
  #limitRows: number;
  readonly #maxRows: number;

  constructor(private readonly options: Batching) {
    this.#maxRows = maxRows(options);
    this.#limitRows = this.#maxRows;
  }

  /** Rows of the next batch at most. */
  get limitRows(): number {
    return Math.floor(this.#limitRows);
  }

  /** Rows that wait or run, whenever that grows. */
  outstanding(rows: number, now: number): void {
    if (rows < this.#peak(now)) return;
    this.#peakRows = rows;
    this.#peakAt = now;
  }

  /** A call has ended. */
  served(rows: number, serviceMs: number): void {
    const mean = this.#meanServiceMs || serviceMs;
    this.#meanServiceMs = mean + SERVICE_WEIGHT * (serviceMs - mean);
    const { latencyTargetMs } = this.options;
    if (latencyTargetMs === undefined) return;
    if (serviceMs > latencyTargetMs) this.#limitRows = Math.max(1, Math.min(this.#limitRows, rows) * DECREASE);
    else if (rows >= this.limitRows) this.#limitRows = Math.min(this.#maxRows, this.#limitRows + 1);
  }

  /** For how long to wait for more than `rows`, in milliseconds; 0 is to go now. */
  waitMs(rows: number, oldestAt: number, idleSince: number, now: number): number {
    const { windowMs } = this.options;
    const target = windowMs === undefined ? Math.min(this.#peak(now), this.limitRows) : this.limitRows;
    if (rows >= Math.round(target)) return 0;
    if (windowMs !== undefined) return Math.max(0, Math.max(idleSince, oldestAt) + windowMs - now);
    if (idleSince !== this.#idle.since) this.#idle = { since: idleSince, seenAt: now, rows };
    const window = Math.min(LONGEST_WINDOW_MS, WINDOW_SHARE * this.#meanServiceMs);
    const left = idleSince + window - now;
    if (left >= SHORTEST_WINDOW_MS) return left;
    return this.#isWorthAStep(rows, now) ? STEP_MS : 0;
  }

  /** Whether rows come faster than a call now would have served those that wait, the wait included: then more are cheaper. */
  #isWorthAStep(rows: number, now: number): boolean {
    const meanMs = this.#meanServiceMs;
    const waitedMs = now - this.#idle.since;
    if (meanMs < FASTEST_STEPPED_MS || waitedMs > Math.min(LONGEST_WAIT_MS, meanMs)) return false;
    const seenMs = now - this.#idle.seenAt;
    return seenMs < STEP_MS || (rows - this.#idle.rows) / seenMs > rows / (waitedMs + meanMs);
  }

  #peak(now: number): number {
    return this.#peakRows * Math.exp((this.#peakAt - now) / PEAK_DECAY_MS);
  }
}
