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
  /** Share of requests answered with a 5xx code, refused ones apart, in percent; from 0 to below 100. */
  readonly maxErrorPercent: number;
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
  /** Share of requests that were refused because a queue was full, in percent; from 0 to below 100. */
  readonly maxShedPercent: number;
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
  /** Most workers, of all replicas, that may be replaced in five minutes. */
  readonly maxRestarts: number;
}

/** When the error budget of `slo` is spent too fast: over both windows, so that what is over soon stops ringing. */
export interface BurnRateThreshold {
  /** How many times faster than the objective allows; the whole budget lasts its month divided by this. */
  readonly maxBurnRate: number;

  /** The window that says that it matters; from a minute to a day. */
  readonly longWindow: Duration;

  /** The window that says that it still goes on; shorter. */
  readonly shortWindow: Duration;

  /**
   * Whether the alarm tells anybody.
   *
   * @default true
   */
  readonly actionsEnabled?: boolean;
}
