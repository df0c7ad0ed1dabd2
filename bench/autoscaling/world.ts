/** What both sides are given: the same callers, the same model, the same start, and the clock. */
import type { Engine } from './engine';
import type { StartTime } from './fargate';
import type { Fleet } from './fleet';
import type { Random } from './random';
import type { Tally } from './tally';

export interface Workload {
  /** Mean seconds of a request. */
  readonly service: number;
  /** Their standard deviation, divided by the mean. */
  readonly variation: number;
  /** Requests that a replica runs at a time. */
  readonly concurrency: number;
  /** Requests that wait in it at most. */
  readonly queue: number;
  readonly start: StartTime;
}

export interface World {
  readonly engine: Engine;
  readonly workload: Workload;
  readonly tally: Tally;
  /** Seconds of the next request. */
  readonly drawService: () => number;
  /** Where within their rhythm things happen. */
  readonly phases: Random;
  /** Replicas that run when it begins. */
  readonly replicas: number;
}

/** Replicas, and whoever decides how many. */
export type System = (world: World) => Fleet;
