/**
 * How many requests a worker holds at a time. Beyond those that it runs, short ones may lie ready in its socket: then
 * neither side waits for the other between two calls. What lies there waits behind its neighbours, and is sent once more
 * when they kill the worker, so as many are sent as are over in PIPELINE_MS.
 */
import type { Handler } from '../../contract/handler';

const PIPELINE_MS = 2;
const DEEPEST = 64;

/** How much one more call moves the mean: down slowly, up at once, for one slow call holds up all behind it. */
const DOWN = 0.05;
const UP = 0.5;

export class Depth {
  /** Undefined where nothing may lie ready: an event loop starts everything at once, and batches are made here. */
  #meanMs?: number;
  /** The first call of a process finds nothing where it is kept ready, and says little of the next one. */
  #isCold = true;
  readonly #concurrency: number;
  readonly #pipelines: boolean;

  constructor({ concurrency, async, batch }: Handler) {
    this.#concurrency = batch ? 1 : concurrency;
    this.#pipelines = !async && !batch;
  }

  get limit(): number {
    if (this.#meanMs === undefined) return this.#concurrency;
    const ready = Math.min(DEEPEST, Math.floor(PIPELINE_MS / Math.max(this.#meanMs, 1e-3)));
    return this.#concurrency - 1 + Math.max(1, ready);
  }

  observe(serviceMs: number): void {
    if (!this.#pipelines) return;
    if (this.#isCold) {
      this.#isCold = false;
      return;
    }
    const mean = this.#meanMs ?? serviceMs;
    this.#meanMs = mean + (serviceMs > mean ? UP : DOWN) * (serviceMs - mean);
  }
}
