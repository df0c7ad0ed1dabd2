/**
 * One replica as its gateway behaves (runtime/gateway/admit.ts): so many requests run, a bounded number waits, the rest is
 * refused at once, and so is what would wait beyond its deadline. Cortex's proxy does the same without the deadline.
 */
import type { Engine } from './engine';
import { OfferedWork } from './offered-work';
import type { Tally } from './tally';

export interface ReplicaLimits {
  /** Requests that run at a time. */
  readonly concurrency: number;
  /** Requests that wait at most. */
  readonly queue: number;
  /** Seconds after which a waiting request is given up. */
  readonly deadline: number;
  /** Whether refused requests count as offered work. */
  readonly countsRefused: boolean;
}

export class Replica {
  readonly work: OfferedWork;
  /** Arrival times of those that wait, the first first. */
  readonly #waiting: number[] = [];
  #running = 0;

  constructor(
    private readonly engine: Engine,
    private readonly limits: ReplicaLimits,
    private readonly drawService: () => number,
    private readonly tally: Tally,
  ) {
    this.work = new OfferedWork(engine.now);
  }

  /** Running and waiting: what a load balancer counts. */
  get outstanding(): number {
    return this.#running + this.#waiting.length;
  }

  offer(): void {
    const { now } = this.engine;
    if (this.#running < this.limits.concurrency) {
      this.work.change(1, now);
      this.#run(now);
    } else if (this.#waiting.length >= this.limits.queue || this.#isHopeless) {
      if (this.limits.countsRefused) this.work.shed();
      this.tally.refused();
    } else {
      this.work.change(1, now);
      this.#waiting.push(now);
    }
  }

  get #isHopeless(): boolean {
    const wait = (this.#waiting.length * this.work.meanService) / this.limits.concurrency;
    return this.work.hasServed && wait > this.limits.deadline;
  }

  #run(arrivedAt: number): void {
    this.#running += 1;
    const service = this.drawService();
    this.engine.at(this.engine.now + service, () => this.#finish(arrivedAt, service));
  }

  #finish(arrivedAt: number, service: number): void {
    const { now } = this.engine;
    this.#running -= 1;
    this.work.change(-1, now);
    this.work.served(service);
    this.tally.answered(now - arrivedAt);
    this.#runNext(now);
  }

  /** Those whose deadline passed while they waited have gone; they are noticed when their turn comes. */
  #runNext(now: number): void {
    for (;;) {
      const arrivedAt = this.#waiting.shift();
      if (arrivedAt === undefined) return;
      if (now - arrivedAt <= this.limits.deadline) {
        this.#run(arrivedAt);
        return;
      }
      this.work.change(-1, now);
      this.tally.expired();
    }
  }
}
