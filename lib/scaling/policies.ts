/** What replicas follow: one policy for each kind of scaling. All of them keep a single metric near a target. */
import { type Duration, Stack, Token } from 'aws-cdk-lib';
import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import type { IConstruct } from 'constructs';
import { EMF_INTERVAL_MS } from '../../runtime/contract/metrics';
import { metricRow } from '../monitoring/api-metrics';
import { type Check, isKnown } from '../private/check';
import { checkGiven } from '../private/required';
import { defineBurst } from './burst';
import type {
  ConcurrencyScalingOptions,
  CpuScalingOptions,
  MetricScalingOptions,
  RequestScalingOptions,
} from './options';
import type { ScalingSubject } from './subject';

/** How fast a policy acts. */
export interface Pace {
  readonly scaleOutCooldown: Duration;
  readonly scaleInCooldown: Duration;
}

/** A signal and the value at which it is kept. */
export interface ScalingPolicy {
  check(check: Check, scope: IConstruct): void;
  define(replicas: ScalableTaskCount, subject: ScalingSubject, pace: Pace): void;
}

export function concurrencyPolicy({
  targetUtilization = 0.75,
  burst = true,
}: ConcurrencyScalingOptions): ScalingPolicy {
  return {
    check: (check) => check.share('targetUtilization', targetUtilization, 'the scaling target is computed from it'),
    define: (replicas, { apiName, offeredConcurrency: metric, replicaConcurrency }, pace) => {
      const targetValue = rounded(targetUtilization * replicaConcurrency);
      replicas.scaleToTrackCustomMetric('OfferedConcurrency', { metric, targetValue, ...pace });
      if (burst) defineBurst(replicas, { apiName, metric, target: targetValue, ...pace });
    },
  };
}

/** Each replica reports the requests of ten seconds: their average over replicas and time is a replica's ten seconds. */
const WINDOWS_A_MINUTE = 60_000 / EMF_INTERVAL_MS;

export function requestPolicy({ requestsPerMinute }: RequestScalingOptions): ScalingPolicy {
  return {
    check: (check) => {
      const why = 'the scaling target is computed from it';
      check.that(!Token.isUnresolved(requestsPerMinute), `requestsPerMinute must be known at synth: ${why}`);
      checkAboveZero(check, 'requestsPerMinute', requestsPerMinute);
    },
    define: (replicas, { apiName }, pace) =>
      replicas.scaleToTrackCustomMetric('Requests', {
        metric: metricRow(apiName, 'requests', { statistic: Stats.AVERAGE }),
        targetValue: rounded(requestsPerMinute / WINDOWS_A_MINUTE),
        ...pace,
      }),
  };
}

export function cpuPolicy({ targetUtilization = 0.6 }: CpuScalingOptions): ScalingPolicy {
  return {
    check: (check) => check.share('targetUtilization', targetUtilization, 'the scaling target is computed from it'),
    define: (replicas, _subject, pace) =>
      replicas.scaleOnCpuUtilization('Cpu', {
        targetUtilizationPercent: rounded(targetUtilization * 100),
        ...pace,
      }),
  };
}

export function metricPolicy({ metric, target }: MetricScalingOptions): ScalingPolicy {
  return {
    check: (check, scope) => {
      checkMetric(check, scope, metric);
      checkAboveZero(check, 'target', target);
    },
    define: (replicas, _subject, pace) =>
      replicas.scaleToTrackCustomMetric('Metric', { metric, targetValue: target, ...pace }),
  };
}

/** As a person would write it: 100 * 0.55 is 55.00000000000001. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

function checkAboveZero(check: Check, name: string, value: number | undefined): void {
  check.that(Token.isUnresolved(value) || Number(value) > 0, `${name} must be a number above 0 (got ${value})`);
}

const STATISTICS: readonly string[] = [Stats.AVERAGE, Stats.MINIMUM, Stats.MAXIMUM, Stats.SAMPLE_COUNT, Stats.SUM];

function checkMetric(check: Check, scope: IConstruct, metric: IMetric): void {
  const such = "a metric, such as new Metric({ namespace: 'Mine', metricName: 'Backlog' })";
  checkGiven(check, 'metric', metric, 'toMetricConfig', such);
  if (typeof metric?.toMetricConfig !== 'function') return;
  checkPlain(check, metric);
  const stat = metric.toMetricConfig().metricStat;
  for (const name of ['account', 'region'] as const) {
    const [theirs, ours] = [stat?.[name], Stack.of(scope)[name]];
    check.that(
      !isKnown(theirs) || !isKnown(ours) || theirs === ours,
      `metric is of the ${name} ${theirs}, and target tracking reads those of its own alone (${ours}): emit it there`,
    );
  }
}

function checkPlain(check: Check, metric: IMetric): void {
  const { metricStat } = metric.toMetricConfig();
  if (metricStat === undefined) {
    check.that(
      false,
      'metric must be one plain metric (got a math or search expression), for target tracking takes no other: emit the result as a metric, or give the expression to a step policy, scalableTaskCount.scaleOnMetric()',
    );
    return;
  }
  const { statistic } = metricStat;
  check.that(
    !isKnown(statistic) || STATISTICS.includes(statistic),
    `the statistic of metric must be one of ${STATISTICS.join(', ')} (got ${statistic})`,
  );
}
