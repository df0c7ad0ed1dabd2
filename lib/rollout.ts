/** How a new version takes the place of the old one, and what takes it back. */
import type { Construct } from 'constructs';
import type { RolloutBinding, RolloutSubject } from './rollout/binding';
import { bindRolling } from './rollout/rolling';
import type { RollingOptions } from './rollout/rolling-options';
import { bindBlueGreen, bindCanary, bindLinear } from './rollout/shift';
import type { BlueGreenOptions, CanaryOptions, LinearOptions } from './rollout/shift-options';

/**
 * How a new version takes the place of the old one.
 *
 * All but `rolling` run the new version beside the old one, in twice the capacity, judge it by a function before any
 * caller meets it, and take it back in seconds. What each costs, what a rule's weights do, and how to change from one to
 * another is in docs/rollouts.md.
 */
export abstract class Rollout {
  /**
   * Replica by replica: new ones are ready before old ones go, and a version that does not become ready, or sets off an
   * alarm, is taken back.
   *
   * Amazon ECS looks at the alarms from the first new replica until some minutes after the last old one is gone; a
   * deployment takes that much longer. An alarm that rings already when a deployment starts is not looked at, so that a
   * version which mends it can be deployed.
   *
   * @param options how many at a time, which alarms
   */
  public static rolling(options: RollingOptions = {}): Rollout {
    return new BoundRollout((scope, subject) => bindRolling(scope, options, subject));
  }

  /**
   * All callers at once: the new version runs beside the old one, is judged, and takes over in one step. The old replicas
   * stay for a while.
   *
   * @param options by what it is judged, how long the old replicas stay
   */
  public static blueGreen(options: BlueGreenOptions = {}): Rollout {
    return new BoundRollout((scope, subject) => bindBlueGreen(scope, options, subject));
  }

  /**
   * A few callers first: the new version runs beside the old one, is judged, gets a share of the requests for a while, and
   * then all of them.
   *
   * @param options how large a share, for how long, by what it is judged
   */
  public static canary(options: CanaryOptions = {}): Rollout {
    return new BoundRollout((scope, subject) => bindCanary(scope, options, subject));
  }

  /**
   * Step by step: the new version runs beside the old one, is judged, and gets a larger share of the requests every few
   * minutes.
   *
   * @param options how large a step, how often, by what it is judged
   */
  public static linear(options: LinearOptions = {}): Rollout {
    return new BoundRollout((scope, subject) => bindLinear(scope, options, subject));
  }

  /** @internal */
  public abstract _bind(scope: Construct, subject: RolloutSubject): RolloutBinding;
}

/** Each kind is a function in a file of its own. */
class BoundRollout extends Rollout {
  constructor(private readonly bind: (scope: Construct, subject: RolloutSubject) => RolloutBinding) {
    super();
  }

  public _bind(scope: Construct, subject: RolloutSubject): RolloutBinding {
    return this.bind(scope, subject);
  }
}
