/**
 * From when each alarm rings. A threshold stands under the severity that it means, as in
 * `{ Warning: { maxErrorPercent: 1 }, Critical: { maxErrorPercent: 5 } }`; a map without entries means no such alarm.
 */
import type { Duration } from 'aws-cdk-lib';

/** What all thresholds have in common. */
export interface AlarmThreshold {
  /**
   * How many periods are looked at.
   *
   * @default - that of the alarm, see docs/observability.md
   */
  readonly evaluationPeriods?: number;

  /**
   * How many of these must be beyond the threshold; at most `evaluationPeriods`.
   *
   * @default - `evaluationPeriods` where that is given, else that of the alarm
   */
  readonly datapointsToAlarm?: number;

  /**
   * Whether the alarm tells anybody. One that does not still shows on the dashboard and counts in the composite alarm.
   *
   * @default true
   */
  readonly actionsEnabled?: boolean;
}

/** When too many requests fail. */
export interface ServerErrorsThreshold extends AlarmThreshold {
  /**
   * Share of requests answered with a 5xx code, refused ones apart, in percent; from 0 to below 100. Requests that were
   * answered with a 4xx code are left out of the whole.
   */
  readonly maxErrorPercent: number;

  /**
   * Fewest requests in a minute, those with a 4xx answer left out, whose errors count. Of one request a failure is
   * 100 %; but an API with fewer requests never sets this alarm off, whatever fails. 0 counts every minute.
   *
   * @default 10
   */
  readonly minRequests?: number;
}

/** When the slowest requests are too slow. */
export interface LatencyThreshold extends AlarmThreshold {
  /**
   * What 99 of 100 requests must stay below. Shorter than `requestTimeout`, at which requests are cut off.
   *
   * @default - the latency of `slo`, else 0.9 times `requestTimeout`
   */
  readonly maxLatency?: Duration;
}

/** When replicas have more to do than they can. */
export interface SaturationThreshold extends AlarmThreshold {
  /** Requests offered to a replica against those that it runs at a time, in percent; above 0. 100 leaves none idle. */
  readonly maxUsagePercent: number;
}

/** When too many requests are refused. */
export interface ShedThreshold extends AlarmThreshold {
  /**
   * Share of requests that were refused because a queue was full, in percent; from 0 to below 100. Requests that were
   * answered with a 4xx code are left out of the whole.
   */
  readonly maxShedPercent: number;

  /**
   * Fewest requests in a minute, those with a 4xx answer left out, whose refusals count. An API with fewer requests never
   * sets this alarm off. 0 counts every minute.
   *
   * @default 10
   */
  readonly minRequests?: number;
}

/** When too few replicas are ready. */
export interface ReadyReplicasThreshold extends AlarmThreshold {
  /**
   * Fewest replicas that the load balancer must find ready.
   *
   * @default 1
   */
  readonly minReplicas?: number;
}

/** When workers die too often. */
export interface WorkerRestartsThreshold extends AlarmThreshold {
  /** Most workers, of all replicas, that may be replaced in a quarter of an hour. */
  readonly maxRestarts: number;
}

/** When the load balancer cannot connect to replicas. */
export interface TargetConnectionErrorsThreshold extends AlarmThreshold {
  /**
   * Most connections to replicas that may fail in a minute. Each is a request that the load balancer answers itself.
   *
   * @default 0
   */
  readonly maxConnectionErrors?: number;
}

/** When the error budget of `slo` is spent too fast: over both windows, so that what is over soon stops ringing. */
export interface BurnRateThreshold {
  /** How many times faster than the objective allows; the whole budget lasts its month divided by this. */
  readonly maxBurnRate: number;

  /** The window that says that it matters; from a minute to a week. Beyond a day CloudWatch looks once an hour. */
  readonly longWindow: Duration;

  /** The window that says that it still goes on; shorter. */
  readonly shortWindow: Duration;

  /**
   * Fewest requests in the short window, those with a 4xx answer left out, from which it can ring; the long window needs
   * as many times more as it is longer. 0 counts every window.
   *
   * @default 10
   */
  readonly minRequests?: number;

  /**
   * Whether the alarm tells anybody.
   *
   * @default true
   */
  readonly actionsEnabled?: boolean;
}
