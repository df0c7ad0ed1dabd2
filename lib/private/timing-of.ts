/** The numbers of the contract's `timing()` for a declaration. */
import type { Duration } from 'aws-cdk-lib';
import { DEFAULT_LOAD_TIMEOUT, DEFAULT_REQUEST_TIMEOUT, type Timing, timing } from '../../runtime/contract/timing';

/** What the numbers follow from. */
export interface Timeouts {
  readonly requestTimeout?: Duration;
  readonly loadTimeout?: Duration;
}

/** Longest that a load balancer can wait for a leaving target is 3600 s, 5 of which are ours. */
export const MAX_REQUEST_TIMEOUT_SECONDS = 3595;

export function timingOf(timeouts: Timeouts, stopTimeoutLimit?: number): Timing {
  return timing({
    requestTimeout: timeouts.requestTimeout?.toSeconds() ?? DEFAULT_REQUEST_TIMEOUT,
    loadTimeout: timeouts.loadTimeout?.toSeconds() ?? DEFAULT_LOAD_TIMEOUT,
    stopTimeoutLimit,
  });
}
