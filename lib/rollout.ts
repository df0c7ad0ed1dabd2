/** How a new version takes the place of the old one, and what takes it back. */
import { Token } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { MIN_REQUESTS } from './monitoring/api-metrics';
import { Check, isKnown } from './private/check';
import { warnOfNoSpareCapacity } from './private/spare-capacity';
import { RollbackAlarms } from './service/rollback-alarms';

/** How replicas are replaced. */
export interface RollingOptions {
  /**
   * Ready replicas that a deployment leaves, in percent of those that run before it, rounded up; 0 to 100.
   *
   * Below 100 old replicas go before their successors are ready, and the others have to do their work.
   *
   * @default - 100, or 0 where no new replica fits beside the old ones
   */
  readonly minHealthyPercent?: number;

  /**
   * Replicas that a deployment may run, old and new together, in percent of those that run before it, rounded down; at
   * least 100.
   *
   * Lower costs less capacity and makes deployments slower. At 100 replicas are not balanced over zones either.
   *
   * @default - 200, or 100 where no new replica fits beside the old ones
   */
  readonly maxHealthyPercent?: number;

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
   * @default 5
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
  /** With fewer replicas than these nothing can be replaced: percentages are of whole ones. */
  readonly leastReplicas: number;
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
   * Amazon ECS looks at the alarms from the first new replica until some minutes after the last old one is gone; a
   * deployment takes that much longer. An alarm that rings already when a deployment starts is not looked at, so that a
   * version which mends it can be deployed.
   *
   * @param options how many at a time, which alarms
   */
  public static rolling(options: RollingOptions = {}): Rollout {
    return new RollingRollout(options);
  }

  /** @internal */
  public abstract _bind(scope: Construct, subject: RolloutSubject): RolloutBinding;
}

const DEFAULT_ERROR_PERCENT = 5;

class RollingRollout extends Rollout {
  constructor(private readonly options: RollingOptions) {
    super();
  }

  public _bind(scope: Construct, { apiName, hasSpareCapacity }: RolloutSubject): RolloutBinding {
    const { rollbackOnErrors = true, rollbackAlarms = [] } = this.options;
    const errorPercent = this.options.rollbackErrorPercent ?? DEFAULT_ERROR_PERCENT;
    const minRequests = this.options.rollbackMinRequests ?? MIN_REQUESTS;
    const minHealthyPercent = this.options.minHealthyPercent ?? (hasSpareCapacity ? 100 : 0);
    const maxHealthyPercent = this.options.maxHealthyPercent ?? (hasSpareCapacity ? 200 : 100);
    this.check(scope, minHealthyPercent, maxHealthyPercent);
    if (!hasSpareCapacity) warnOfNoSpareCapacity(scope, minHealthyPercent);
    const own = rollbackOnErrors
      ? new RollbackAlarms(scope, 'Rollout', { apiName, errorPercent, minRequests })
      : undefined;
    return {
      minHealthyPercent,
      maxHealthyPercent,
      leastReplicas: leastReplicas(minHealthyPercent, maxHealthyPercent),
      rollbackAlarmNames: [...(own?.alarmNames ?? []), ...rollbackAlarms.map(({ alarmName }) => alarmName)],
      rollbackAlarms: [...(own?.alarms ?? []), ...rollbackAlarms],
    };
  }

  private check(scope: Construct, minHealthyPercent: number, maxHealthyPercent: number): void {
    const { rollbackOnErrors = true, rollbackErrorPercent, rollbackMinRequests } = this.options;
    const check = new Check(scope);
    check.integer('rollbackMinRequests', rollbackMinRequests, 0);
    check.integer('minHealthyPercent', minHealthyPercent, 0, 100);
    check.integer('maxHealthyPercent', maxHealthyPercent, 100);
    check.that(
      !isKnown(minHealthyPercent) || !isKnown(maxHealthyPercent) || maxHealthyPercent > minHealthyPercent,
      `maxHealthyPercent (${maxHealthyPercent}) must be above minHealthyPercent (${minHealthyPercent}), or neither may a new replica start nor an old one stop: raise the one or lower the other`,
    );
    check.that(
      !isKnown(rollbackErrorPercent) || (rollbackErrorPercent > 0 && rollbackErrorPercent < 100),
      `rollbackErrorPercent must be above 0 and below 100 (got ${rollbackErrorPercent})`,
    );
    check.that(
      rollbackOnErrors || rollbackErrorPercent === undefined,
      `rollbackErrorPercent (${rollbackErrorPercent}) has no effect with rollbackOnErrors false: leave one of the two out`,
    );
    check.that(
      rollbackOnErrors || rollbackMinRequests === undefined,
      `rollbackMinRequests (${rollbackMinRequests}) has no effect with rollbackOnErrors false: leave one of the two out`,
    );
    check.done();
  }
}

/** ECS rounds what must stay up and what may run down: a half more of one replica is none. */
function leastReplicas(minHealthyPercent: number, maxHealthyPercent: number): number {
  if (Token.isUnresolved(minHealthyPercent) || Token.isUnresolved(maxHealthyPercent)) return 1;
  for (let replicas = 1; replicas < 100; replicas += 1) {
    const mayStart = Math.floor((replicas * maxHealthyPercent) / 100) > replicas;
    const mayStop = Math.ceil((replicas * minHealthyPercent) / 100) < replicas;
    if (mayStart || mayStop) return replicas;
  }
  return 100;
}
