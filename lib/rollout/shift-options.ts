/** How callers are led from the old version to the new one, while both run. */
import type { Duration } from 'aws-cdk-lib';
import type { RolloutCheckOptions } from './check-options';
import type { RollbackOptions } from './rollback-options';
import type { TestListenerOptions } from './test-listener-options';

/** How a new version is judged beside the old one, and for how long the old one stays. */
export interface BlueGreenOptions extends RollbackOptions {
  /**
   * For how long the old replicas stay once all callers are with the new version; whole minutes, up to a day. In that time
   * a rollback takes seconds. The alarms need some minutes to ring.
   *
   * @default Duration.minutes(5)
   */
  readonly bakeTime?: Duration;

  /**
   * By what the new version is judged before the first caller.
   *
   * @default - by the samples of the model directory and by the contract with callers
   */
  readonly check?: RolloutCheckOptions;

  /**
   * Where you can call the new version before your callers do.
   *
   * @default - nowhere
   */
  readonly testListener?: TestListenerOptions;
}

/** How many callers try a new version, and for how long. */
export interface CanaryOptions extends BlueGreenOptions {
  /**
   * The share of requests that go to the new version first, in percent: 0.1 to 99.9, in tenths.
   *
   * @default 10
   */
  readonly percent?: number;

  /**
   * For how long it stays at that share; whole minutes, up to a day.
   *
   * @default Duration.minutes(10)
   */
  readonly canaryBakeTime?: Duration;
}

/** In which steps callers are led over. */
export interface LinearOptions extends BlueGreenOptions {
  /**
   * The share of requests that goes over with each step, in percent: 3 to 100, in tenths.
   *
   * @default 20
   */
  readonly stepPercent?: number;

  /**
   * The time between two steps; whole minutes, up to a day.
   *
   * @default Duration.minutes(5)
   */
  readonly stepBakeTime?: Duration;
}
