/** What takes a new version back, however it takes the place of the old one. */
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';

/** What takes a new version back. */
export interface RollbackOptions {
  /**
   * Whether a deployment is taken back when, in two of three minutes during it, more than `rollbackErrorPercent` of the
   * requests are answered with a 5xx code, or when three workers or more die in six minutes.
   *
   * Both alarms see old and new replicas together. A rollback needs a version to go back to: a first deployment fails.
   *
   * @default true
   */
  readonly rollbackOnErrors?: boolean;

  /**
   * The share of requests that may be answered with a 5xx code during a deployment, in percent, above 0 and below 100.
   * Requests that are refused because a queue is full do not count as failed, nor those with a 4xx answer at all.
   *
   * @default - 5; half of the first step of callers where that is less than 10 percent of them, but 0.5 at least
   */
  readonly rollbackErrorPercent?: number;

  /**
   * Fewest requests in a minute, those with a 4xx answer left out, whose errors can take a deployment back. Of one request
   * a failure is 100 %; but where requests are fewer, only workers that die and alarms of your own take a version back.
   * 0 counts every minute.
   *
   * @default 10
   */
  readonly rollbackMinRequests?: number;

  /**
   * Further alarms that take a deployment back when one of them goes off during it.
   *
   * They must exist before the service, and so may not look at it: use `apiName` and the metrics' names.
   *
   * @default - none
   */
  readonly rollbackAlarms?: IAlarm[];
}
