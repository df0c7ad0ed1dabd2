/**
 * What a replica reports: the requests that run and wait, averaged over time, and those it refused, each for the time it
 * would have run. The gateway's own rule (runtime/gateway/offered-concurrency.ts) on the simulation's clock; a test holds
 * the two together.
 */

/** Until a first request has been served. */
const ASSUMED_SERVICE = 1;
const SERVICE_WEIGHT = 0.05;

export class OfferedWork {
  meanService = ASSUMED_SERVICE;
  hasServed = false;
  #requests = 0;
  #requestSeconds = 0;
  #changedAt: number;
  #windowSince: number;
  #shed = 0;

  constructor(now: number) {
    this.#changedAt = now;
    this.#windowSince = now;
  }

  change(by: 1 | -1, now: number): void {
    this.#bringUpTo(now);
    this.#requests += by;
  }

  shed(): void {
    this.#shed += 1;
  }

  served(service: number): void {
    this.meanService = this.hasServed ? this.meanService + SERVICE_WEIGHT * (service - this.meanService) : service;
    this.hasServed = true;
  }

  /** The mean since the last call. */
  takeWindow(now: number): number {
    this.#bringUpTo(now);
    const seconds = now - this.#windowSince;
    const mean = seconds > 0 ? (this.#requestSeconds + this.#shed * this.meanService) / seconds : this.#requests;
    this.#windowSince = now;
    this.#requestSeconds = 0;
    this.#shed = 0;
    return mean;
  }

  #bringUpTo(now: number): void {
    this.#requestSeconds += this.#requests * (now - this.#changedAt);
    this.#changedAt = now;
  }
}
