/** How a new version takes the place of the old one, and what takes it back. */
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** How replicas are replaced. */
export interface RollingOptions {
  /**
   * Alarms that take a deployment back when one of them goes off during it, beside the rollout's own.
   *
   * @default - the rollout's own alone
   */
  readonly rollbackAlarms?: IAlarm[];
}

/**
 * What a rollout works with.
 *
 * @internal
 */
export interface RolloutSubject {
  readonly apiName: string;
  /** Whether old and new replicas fit beside each other. */
  readonly hasSpareCapacity: boolean;
}

/**
 * What a rollout asks of a service.
 *
 * @internal
 */
export interface RolloutBinding {
  readonly minHealthyPercent: number;
  readonly maxHealthyPercent: number;
  /** Names known at synth: a reference would make a cycle. */
  readonly rollbackAlarmNames: string[];
  /** What the service must come after. */
  readonly rollbackAlarms: IAlarm[];
}

/** How a new version takes the place of the old one. */
export abstract class Rollout {
  /**
   * Replica by replica: new ones are ready before old ones go, and a version that does not become ready, or sets off an
   * alarm, is taken back.
   *
   * @param options further alarms
   */
  public static rolling(options: RollingOptions = {}): Rollout {
    return new RollingRollout(options);
  }

  /** @internal */
  public abstract _bind(scope: Construct, subject: RolloutSubject): RolloutBinding;
}

class RollingRollout extends Rollout {
  constructor(private readonly options: RollingOptions) {
    super();
  }

  public _bind(_scope: Construct, subject: RolloutSubject): RolloutBinding {
    const { rollbackAlarms = [] } = this.options;
    const [minHealthyPercent, maxHealthyPercent] = subject.hasSpareCapacity ? [100, 200] : [0, 100];
    return { minHealthyPercent, maxHealthyPercent, rollbackAlarmNames: [], rollbackAlarms };
  }
}
