/**
 * What a user says of scaling. Every kind has the same limits, cool-downs and schedules, and one number of its own: the
 * one that it keeps.
 */
import type { Duration, TimeZone } from 'aws-cdk-lib';
import type { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/** Other limits from a certain time on, until another schedule changes them. It sets both, whichever of them it says. */
export interface ScalingSchedule {
  /** When the limits change: once or again and again. */
  readonly schedule: Schedule;

  /**
   * Fewest replicas from then on. With 0 and `maxReplicas: 0` the API stops; with 0 alone it runs as long as it is called,
   * and may shrink to none when it is idle. Without replicas callers get 503 until another schedule raises this.
   *
   * @default - the `minReplicas` of the scaling
   */
  readonly minReplicas?: number;

  /**
   * Most replicas from then on. Running ones beyond it are drained at once.
   *
   * @default - the `maxReplicas` of the scaling
   */
  readonly maxReplicas?: number;

  /**
   * The time zone of the schedule.
   *
   * @default TimeZone.ETC_UTC
   */
  readonly timeZone?: TimeZone;
}

/** How few, how many and how fast: the options of every scaling. */
export interface ScalingOptions {
  /**
   * Replicas that always run. 0 only with a schedule that raises it: without a replica nothing measures the demand for
   * one.
   *
   * @default 1
   */
  readonly minReplicas?: number;

  /**
   * Most replicas that may run.
   *
   * @default - 10, or `minReplicas` where that is more
   */
  readonly maxReplicas?: number;

  /**
   * How long after replicas were added further ones are added only for a demand that grew meanwhile. Should be about the
   * time in which a replica starts and loads.
   *
   * @default Duration.seconds(60)
   */
  readonly scaleOutCooldown?: Duration;

  /**
   * How long after a change no replica is taken away. A replica that is gone too early is missed for as long as its
   * successor loads.
   *
   * @default Duration.minutes(5)
   */
  readonly scaleInCooldown?: Duration;

  /**
   * Times at which the limits change, such as for the night. They stay until another schedule changes them. A deployment
   * that changes any limit or schedule puts `minReplicas` and `maxReplicas` back in force.
   *
   * @default - the same limits at all times
   */
  readonly schedules?: ScalingSchedule[];
}

/** How far replicas follow the requests that are in flight. */
export interface ConcurrencyScalingOptions extends ScalingOptions {
  /**
   * The share of a replica's concurrency that should be in use on average, above 0 and up to 1. A replica's concurrency
   * is `workers` times `concurrency`, or times `maxBatchSize` of a handler with `batching`.
   *
   * Lower leaves more room for bursts; higher costs less. Where batches are at work, 0.75 keeps them about half full.
   *
   * @default 0.75
   */
  readonly targetUtilization?: number;

  /**
   * Whether replicas are doubled within a minute when twice the wanted load arrives, quadrupled at four times it, and
   * multiplied at once where it is beyond thirty times, where the rest of the scaling needs three minutes to be sure. It
   * only adds, and costs a high-resolution alarm. Short peaks that come again and again are cheaper without it.
   *
   * @default true
   */
  readonly burst?: boolean;
}

/** How far replicas follow the requests that arrive. */
export interface RequestScalingOptions extends ScalingOptions {
  /**
   * Requests a minute that a replica should get on average, refused ones among them.
   *
   * It has to be measured, and again after a change of the model: a replica that takes longer to answer manages fewer.
   * `Scaling.onConcurrency()` needs no such number.
   */
  readonly requestsPerMinute: number;
}

/** How far replicas follow the work of their processors. */
export interface CpuScalingOptions extends ScalingOptions {
  /**
   * The share of a replica's CPU that should be in use on average, above 0 and up to 1.
   *
   * @default 0.6
   */
  readonly targetUtilization?: number;
}

/** How far replicas follow a metric of yours. */
export interface MetricScalingOptions extends ScalingOptions {
  /**
   * One plain metric of this account and region, no math. It must say how much falls on one replica, as an average of
   * what each of them reports: a sum over all stays as it is when replicas are added, and adds them up to `maxReplicas`.
   *
   * Its statistic is one of Average, Minimum, Maximum, SampleCount and Sum. It is read by the minute, whatever its period.
   */
  readonly metric: IMetric;

  /** The value that is kept: above it replicas are added, well below it they are taken away. */
  readonly target: number;
}
