/**
 * The scaling signal: how many requests callers would have running here if nothing bounded them. The time-weighted mean
 * of running and queued requests, plus those that were shed, each counted for the time it would have run: a full queue
 * does not clip the signal.
 *
 *     window |--2--|----5----|-3-|   sum of (requests x time) / time  +  shed / time x mean service time
 */

/** Until a first request has been served there is no mean; a second is a model's order of magnitude. */
const ASSUMED_SERVICE_MS = 1_000;

/** How much one more service moves the mean: about the last twenty count. */
const SERVICE_WEIGHT = 0.05;

export class OfferedConcurrency {
  meanServiceMs = ASSUMED_SERVICE_MS;
  hasServed = false;
  /** Running and queued now. */
  #requests = 0;
  /** Requests x milliseconds since the window began, up to `#changedAt`. */
  #requestMs = 0;
  #changedAt = performance.now();
  #windowSince = this.#changedAt;
  #shed = 0;

  change(by: 1 | -1): void {
    this.#bringUpToDate();
    this.#requests += by;
  }

  shed(): void {
    this.#shed += 1;
  }

  served(serviceMs: number): void {
    this.meanServiceMs = this.hasServed
      ? this.meanServiceMs + SERVICE_WEIGHT * (serviceMs - this.meanServiceMs)
      : serviceMs;
    this.hasServed = true;
  }

  /** The mean since the last call. */
  takeWindow(): number {
    const now = this.#bringUpToDate();
    const windowMs = now - this.#windowSince;
    const mean = windowMs > 0 ? (this.#requestMs + this.#shed * this.meanServiceMs) / windowMs : this.#requests;
    this.#windowSince = now;
    this.#requestMs = 0;
    this.#shed = 0;
    return mean;
  }

  #bringUpToDate(): number {
    const now = performance.now();
    this.#requestMs += this.#requests * (now - this.#changedAt);
    this.#changedAt = now;
    return now;
  }
}
