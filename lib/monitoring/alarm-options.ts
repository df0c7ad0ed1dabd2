/** Which alarms an API has, by severity. Each has a default fit for production; `{}` turns it off. */
import type {
  AlarmThreshold,
  BurnRateThreshold,
  LatencyThreshold,
  ReadyReplicasThreshold,
  SaturationThreshold,
  ServerErrorsThreshold,
  ShedThreshold,
  TargetConnectionErrorsThreshold,
  WorkerRestartsThreshold,
} from './alarm-thresholds';
import type { ServiceLevelObjective } from './service-level-objective';

/**
 * Which alarms an API has. A severity is a word of your own of letters and digits; alarms under `Critical` make the API's
 * composite alarm.
 */
export interface AlarmOptions {
  /**
   * What callers are promised: latency is measured against it, and alarms tell how fast the error budget is spent.
   *
   * @default - nothing is promised
   */
  readonly slo?: ServiceLevelObjective;

  /**
   * Too large a share of requests is answered with a 5xx code, in minutes that have enough of them.
   *
   * @default - Critical above 5 % of 10 requests a minute or more, in 3 of 5 minutes
   */
  readonly serverErrorsAlarm?: { readonly [severity: string]: ServerErrorsThreshold };

  /**
   * The slowest 1 % of requests take too long; one that its caller gave up took as long as the caller waited.
   *
   * @default - Critical above the latency of `slo`, else 0.9 times `requestTimeout`, in 3 of 5 minutes
   */
  readonly latencyAlarm?: { readonly [severity: string]: LatencyThreshold };

  /**
   * Replicas are offered more than they can run, and scaling has not helped.
   *
   * @default - Warning above 100 %, in 12 of 15 minutes
   */
  readonly saturationAlarm?: { readonly [severity: string]: SaturationThreshold };

  /**
   * Requests are refused because queues are full.
   *
   * @default - Warning above 0 %, Critical above 5 %, of 10 requests a minute or more, in 3 of 5 minutes
   */
  readonly shedAlarm?: { readonly [severity: string]: ShedThreshold };

  /**
   * The load balancer finds no replica ready. Not given where scaling may have none, which is no fault there.
   *
   * @default - Critical below 1 replica, in 3 of 3 minutes
   */
  readonly noReadyReplicasAlarm?: { readonly [severity: string]: ReadyReplicasThreshold };

  /**
   * The load balancer cannot connect to replicas, and answers requests itself.
   *
   * @default - Warning above 0 failed connections a minute, in 3 of 5 minutes
   */
  readonly targetConnectionErrorsAlarm?: { readonly [severity: string]: TargetConnectionErrorsThreshold };

  /**
   * Workers die again and again.
   *
   * @default - Warning above 2 restarts in a quarter of an hour
   */
  readonly workerRestartsAlarm?: { readonly [severity: string]: WorkerRestartsThreshold };

  /**
   * A deployment failed, and Amazon ECS went back to the version before.
   *
   * @default - Warning
   */
  readonly deploymentFailedAlarm?: { readonly [severity: string]: AlarmThreshold };

  /**
   * The error budget of `slo` is spent too fast, over a long and a short window at once. Needs `slo`.
   *
   * @see https://sre.google/workbook/alerting-on-slos/
   * @default - with `slo`, Critical at 14.4 times over 1 hour and 5 minutes, Warning at 6 times over 6 hours and 30 minutes
   */
  readonly burnRateAlarm?: { readonly [severity: string]: BurnRateThreshold };

  /**
   * The error budget of `slo` is being used up slowly, over days. Needs `slo`.
   *
   * @see https://sre.google/workbook/alerting-on-slos/
   * @default - with `slo`, Warning at 1 time over 3 days and 6 hours
   */
  readonly slowBurnAlarm?: { readonly [severity: string]: BurnRateThreshold };

  /**
   * The page that says what to do about an alarm, such as a copy of ours with your own telephone numbers. `#` and the
   * alarm's name in lower case, such as `#servererrorsalarm`, are added.
   *
   * @default - docs/runbook.md of this project
   */
  readonly runbookUrl?: string;
}
