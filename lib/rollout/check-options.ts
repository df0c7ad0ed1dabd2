/** By what a new version is judged before callers are led to it. */
import type { Duration } from 'aws-cdk-lib';

/**
 * By what a new version is judged, when its replicas are ready and before callers are led to them. A function in the VPC
 * asks the new replicas themselves; what it finds stands in its log, and takes the deployment back.
 */
export interface RolloutCheckOptions {
  /**
   * Whether the samples of the model directory are sent to the new replicas. Each must be answered with 200, and with its
   * `output` where it has one.
   *
   * @default true
   */
  readonly samples?: boolean;

  /**
   * By how much a number may differ from that of a sample's `output`: as a share of the larger of the two, or absolutely
   * where both are below 1.
   *
   * @default 0.00001
   */
  readonly tolerance?: number;

  /**
   * Whether callers of the old version must be able to call the new one, by the OpenAPI documents of both: no path is
   * gone, no argument newly required or narrowed, nothing that was answered is gone or of another type. Further optional
   * arguments and further members of an answer break nobody.
   *
   * A first version has none to break. To change a contract on purpose, or to go back to an earlier release by `cdk deploy`,
   * deploy once with `false`.
   *
   * @default true
   */
  readonly contract?: boolean;

  /**
   * How long the median of `latencyRequests` may take, as the function sees it.
   *
   * @default - any time
   */
  readonly maxLatencyP50?: Duration;

  /**
   * How long 95 of 100 requests may take, as the function sees it.
   *
   * @default - any time
   */
  readonly maxLatencyP95?: Duration;

  /**
   * The median of the new version as a multiple of the old one's, such as 1.5. Both are asked in turn, so the old replicas
   * get `latencyRequests` further requests.
   *
   * @default - any
   */
  readonly maxLatencyRatio?: number;

  /**
   * How often latency is measured where it has a limit, by the samples in turn, one after the other.
   *
   * @default 20
   */
  readonly latencyRequests?: number;
}
