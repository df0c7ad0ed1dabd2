/**
 * How many replicas run. The signal is work offered, not CPU: running, queued and refused requests, so that neither a
 * model that waits for a GPU nor a full queue hides the load.
 */
import { Duration, Token } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService, ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { Check, isKnown } from './private/check';

/** How far replicas follow the requests that are in flight. */
export interface ConcurrencyScalingOptions {
  /**
   * Replicas that always run; at least 1.
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
   * The share of a replica's concurrency that should be in use on average, above 0 and up to 1.
   *
   * Lower leaves more room for bursts; higher costs less.
   *
   * @default 0.7
   */
  readonly targetUtilization?: number;
}

/**
 * What a scaling works with.
 *
 * @internal
 */
export interface ScalingSubject {
  readonly apiName: string;
  readonly service: FargateService;
  /** Requests offered to a replica, on average. */
  readonly offeredConcurrency: IMetric;
  /** Requests that a replica runs at a time. */
  readonly replicaConcurrency: number;
}

/**
 * What a scaling defined.
 *
 * @internal
 */
export interface ScalingBinding {
  readonly replicas: ScalableTaskCount;
  /** Whether there are times without a replica. */
  readonly mayHaveNone: boolean;
}

/** How many replicas run. */
export abstract class Scaling {
  /**
   * As many replicas as the requests in flight need.
   *
   * @param options how few, how many, how full
   */
  public static onConcurrency(options: ConcurrencyScalingOptions = {}): Scaling {
    return new ConcurrencyScaling(options);
  }

  /** @internal */
  public abstract _bind(scope: Construct, subject: ScalingSubject): ScalingBinding;
}

class ConcurrencyScaling extends Scaling {
  constructor(private readonly options: ConcurrencyScalingOptions) {
    super();
  }

  public _bind(scope: Construct, subject: ScalingSubject): ScalingBinding {
    checkReplicas(scope, this.options);
    const { minReplicas = 1, targetUtilization = 0.7 } = this.options;
    const maxReplicas = this.options.maxReplicas ?? (isKnown(minReplicas) ? Math.max(10, minReplicas) : 10);
    const replicas = subject.service.autoScaleTaskCount({ minCapacity: minReplicas, maxCapacity: maxReplicas });
    replicas.scaleToTrackCustomMetric('OfferedConcurrency', {
      metric: subject.offeredConcurrency,
      targetValue: targetUtilization * subject.replicaConcurrency,
      // A replica needs a minute or more to load; one that is gone too early is missed for longer than it costs.
      scaleOutCooldown: Duration.seconds(60),
      scaleInCooldown: Duration.minutes(5),
    });
    return { replicas, mayHaveNone: false };
  }
}

function checkReplicas(scope: Construct, options: ConcurrencyScalingOptions): void {
  const { minReplicas, maxReplicas, targetUtilization } = options;
  const check = new Check(scope);
  if (minReplicas === 0) {
    check.that(
      false,
      'minReplicas must be at least 1 (got 0): with no replica nothing measures the demand for one. Use 1',
    );
  } else {
    check.integer('minReplicas', minReplicas, 1);
  }
  check.integer('maxReplicas', maxReplicas, 1);
  if (isKnown(minReplicas) && isKnown(maxReplicas)) {
    check.that(minReplicas <= maxReplicas, `minReplicas (${minReplicas}) must not exceed maxReplicas (${maxReplicas})`);
  }
  check.that(
    !Token.isUnresolved(targetUtilization),
    'targetUtilization must be known at synth: the scaling target is computed from it',
  );
  if (isKnown(targetUtilization)) {
    const inRange = targetUtilization > 0 && targetUtilization <= 1;
    check.that(inRange, `targetUtilization must be above 0 and at most 1 (got ${targetUtilization})`);
  }
  check.done();
}
