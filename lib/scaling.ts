/**
 * How many replicas run. The signal is work offered, not CPU, unless said otherwise: running, queued and refused requests,
 * so that neither a model that waits for a GPU nor a full queue hides the load.
 */
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Check } from './private/check';
import { checkLimits, defineSchedules, limitsOf, type ReplicaRange, rangeOf, warnOfStandstill } from './scaling/limits';
import type {
  ConcurrencyScalingOptions,
  CpuScalingOptions,
  MetricScalingOptions,
  RequestScalingOptions,
  ScalingOptions,
} from './scaling/options';
import { concurrencyPolicy, cpuPolicy, metricPolicy, requestPolicy, type ScalingPolicy } from './scaling/policies';
import type { ScalingBinding, ScalingSubject } from './scaling/subject';

/** How many replicas run. */
export abstract class Scaling {
  /**
   * As many replicas as the requests in flight need: running, waiting and refused ones.
   *
   * Fits every model without measuring it, and follows one that becomes slower.
   *
   * @param options how few, how many, how full
   */
  public static onConcurrency(options: ConcurrencyScalingOptions = {}): Scaling {
    return new TrackingScaling(options, concurrencyPolicy(options));
  }

  /**
   * As many replicas as the requests that arrive need, at a number that each can manage.
   *
   * @param options requests a minute and replica, how few, how many
   */
  public static onRequests(options: RequestScalingOptions): Scaling {
    return new TrackingScaling({ ...options }, requestPolicy({ ...options }));
  }

  /**
   * As many replicas as the work of their processors needs. A model that waits, for a GPU or for another service, keeps
   * its CPU idle while requests queue up: it never scales by this.
   *
   * @param options how busy, how few, how many
   */
  public static onCpu(options: CpuScalingOptions = {}): Scaling {
    return new TrackingScaling(options, cpuPolicy(options));
  }

  /**
   * As many replicas as keep a metric of yours at its target.
   *
   * @param options which metric, at which value, how few, how many
   */
  public static onMetric(options: MetricScalingOptions): Scaling {
    return new TrackingScaling({ ...options }, metricPolicy({ ...options }));
  }

  /**
   * How many replicas may run at a time.
   *
   * @internal
   */
  public abstract _range(): ReplicaRange;

  /** @internal */
  public abstract _bind(scope: Construct, subject: ScalingSubject): ScalingBinding;
}

class TrackingScaling extends Scaling {
  constructor(
    private readonly options: ScalingOptions,
    private readonly policy: ScalingPolicy,
  ) {
    super();
  }

  public _range(): ReplicaRange {
    return rangeOf(this.options);
  }

  public _bind(scope: Construct, subject: ScalingSubject): ScalingBinding {
    this.check(scope);
    const { scaleOutCooldown = Duration.seconds(60), scaleInCooldown = Duration.minutes(5) } = this.options;
    const { minReplicas, maxReplicas, mayHaveNone } = limitsOf(this.options);
    warnOfStandstill(scope, minReplicas, subject.leastReplicas);
    const replicas = subject.service.autoScaleTaskCount({ minCapacity: minReplicas, maxCapacity: maxReplicas });
    this.policy.define(replicas, subject, { scaleOutCooldown, scaleInCooldown });
    defineSchedules(replicas, this.options);
    return { replicas, mayHaveNone };
  }

  private check(scope: Construct): void {
    const check = new Check(scope);
    checkLimits(check, this.options);
    this.policy.check(check, scope);
    check.done();
  }
}
