/** What callers are promised. */
import type { Duration } from 'aws-cdk-lib';

/** What callers are promised: alarms and the dashboard measure the API against it. */
export interface ServiceLevelObjective {
  /**
   * Share of requests that get an answer, in percent; from 94 to below 100, such as 99.9. A 5xx code and a refusal count
   * against it, a 4xx code does not. What fails before it reaches a replica is seen by the load balancer alone.
   */
  readonly availabilityPercent: number;

  /**
   * What 99 of 100 requests take at most. Shorter than `requestTimeout`.
   *
   * @default - latency is not promised; the alarm rings near `requestTimeout`
   */
  readonly latency?: Duration;
}
