/** One run: a trace, a model and a side, and what came of it. */
import { startArrivals } from './arrivals';
import { Engine } from './engine';
import type { Fleet } from './fleet';
import { Random } from './random';
import { Tally } from './tally';
import type { Trace } from './traces';
import type { System, Workload } from './world';

/** A request that takes longer than so many ordinary ones is late. */
export const LATE_AFTER_SERVICES = 5;

/** The share of a replica's concurrency in use when a run begins. */
const SHARE_AT_FIRST = 0.7;

const POINTS_OF_A_SERIES = 200;

export interface Moment {
  readonly seconds: number;
  /** Replicas that the requests at once would have filled, at most since the moment before. */
  readonly needed: number;
  readonly ready: number;
}

export interface Outcome {
  /** The longest time in which fewer replicas were ready than the load filled, in seconds. */
  readonly shortSeconds: number;
  /** The part of it until so many had been asked for; the rest is how long they start. */
  readonly unaskedSeconds: number;
  readonly requests: number;
  readonly shed: number;
  readonly late: number;
  readonly replicaHours: number;
  readonly series: readonly Moment[];
}

export function simulate(system: System, trace: Trace, workload: Workload, seed: number): Outcome {
  const engine = new Engine();
  const tally = new Tally(LATE_AFTER_SERVICES * workload.service);
  const [arrivals, services, phases] = [1, 2, 3].map((stream) => new Random(seed * 1_000 + stream));
  const replicas = Math.max(1, Math.ceil(trace.at(0) / workload.concurrency / SHARE_AT_FIRST));
  const drawService = () => services.logNormal(workload.service, workload.variation);
  const fleet = system({ engine, workload, tally, drawService, phases, replicas });
  const watch = new Watch(fleet, (seconds) => trace.at(seconds) / workload.concurrency);
  engine.every(1, 0, () => watch.look(engine.now, Math.ceil(trace.seconds / POINTS_OF_A_SERIES)));
  startArrivals(engine, trace, workload.service, arrivals, () => fleet.offer());
  engine.run(trace.seconds);
  const { requests, shed, late } = tally;
  return { ...watch.found, requests, shed, late, replicaHours: fleet.paidSeconds() / 3600 };
}

/** Looks once a second whether enough replicas are ready, or at least on their way. */
class Watch {
  readonly #series: Moment[] = [];
  #longest = { shortSeconds: 0, unaskedSeconds: 0 };
  #peak = 0;
  #short = 0;
  #unasked = 0;

  constructor(
    private readonly fleet: Fleet,
    private readonly neededAt: (seconds: number) => number,
  ) {}

  get found() {
    return { ...this.#longest, series: this.#series };
  }

  look(seconds: number, interval: number): void {
    const needed = this.neededAt(seconds);
    const ready = this.fleet.ready.length;
    this.#peak = Math.max(this.#peak, needed);
    if (seconds % interval === 0) {
      this.#series.push({ seconds, needed: this.#peak, ready });
      this.#peak = 0;
    }
    if (ready >= needed) {
      this.#short = 0;
      this.#unasked = 0;
      return;
    }
    this.#short += 1;
    if (this.fleet.wanted < needed) this.#unasked += 1;
    if (this.#short > this.#longest.shortSeconds) {
      this.#longest = { shortSeconds: this.#short, unaskedSeconds: this.#unasked };
    }
  }
}
