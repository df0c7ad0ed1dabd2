/**
 * Reads that are shared by everybody who asked before they began: never two at a time, and at least GAP_MS from one
 * beginning to the next. What it promises each caller is a read that began after the call; what was read it does not keep.
 */
import type { Deadlines } from '../deadline';

/** A flood of unknown keys costs a read a second, of the 10,000 a second that an account has in a region. */
const GAP_MS = 1_000;

export class FreshReads<T> {
  #next?: Promise<T>;
  #inFlight: Promise<void> = Promise.resolve();
  #lastBegan = Number.NEGATIVE_INFINITY;

  /** `read` must not reject: what failed is a value, too. */
  constructor(
    private readonly read: () => Promise<T>,
    private readonly deadlines: Deadlines,
  ) {}

  next(): Promise<T> {
    this.#next ??= this.#begin();
    return this.#next;
  }

  async #begin(): Promise<T> {
    await this.#inFlight;
    const pauseMs = this.#lastBegan + GAP_MS - performance.now();
    if (pauseMs > 0) await this.deadlines.wait(pauseMs);
    // From here on whoever asks needs the one after.
    this.#next = undefined;
    this.#lastBegan = performance.now();
    const reading = this.read();
    // Without its value: a promise holds on to that for as long as it lives.
    this.#inFlight = reading.then(() => {});
    return reading;
  }
}
