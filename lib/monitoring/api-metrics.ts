/** The metrics that an API's replicas emit, by the rows of the contract's table, and what is computed from them. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  EMF_INTERVAL_MS,
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  METRICS,
  type MetricKey,
} from '../../runtime/contract/metrics';

/** A minute: the resolution at which replicas' metrics are kept, but for one. */
export const PERIOD = Duration.minutes(1);

/** Long enough that a loop with pauses of half a minute shows, short enough that last hour's deaths do not. */
export const RESTARTS_PERIOD = Duration.minutes(5);

export function metricOf(apiName: string, name: string, options?: MetricOptions): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    dimensionsMap: { [METRIC_DIMENSION]: apiName },
    period: PERIOD,
    statistic: Stats.AVERAGE,
    ...options,
  });
}

/** A metric of the table, with the statistic that suits its kind: counters are summed, the rest is averaged. */
export function metricRow(apiName: string, key: MetricKey, options?: MetricOptions): Metric {
  const { emf, prometheusType } = METRICS[key];
  const statistic = prometheusType === 'counter' ? Stats.SUM : Stats.AVERAGE;
  return metricOf(apiName, emf, { statistic, ...options });
}

/** The share of requests that a counter counted; an idle API has none. */
export function percentOf(apiName: string, label: string, part: { [id: string]: MetricKey }): MathExpression {
  const [[id, key]] = Object.entries(part) as [[string, MetricKey]];
  return new MathExpression({
    label,
    expression: `IF(requests > 0, 100 * ${id} / requests, 0)`,
    period: PERIOD,
    usingMetrics: { requests: metricRow(apiName, 'requests'), [id]: metricRow(apiName, key) },
  });
}

/** A counter as a rate, which stays true when a dashboard stretches its periods. */
export function perMinute(apiName: string, key: MetricKey, label: string, color?: string): MathExpression {
  return new MathExpression({
    label,
    color,
    expression: `60 * ${key} / PERIOD(${key})`,
    period: PERIOD,
    usingMetrics: { [key]: metricRow(apiName, key) },
  });
}

/** How many replicas there are by their own account: each reports once an interval. */
export function reportingReplicas(apiName: string, label: string): MathExpression {
  return new MathExpression({
    label,
    expression: `reports / (PERIOD(reports) / ${EMF_INTERVAL_MS / 1000})`,
    period: PERIOD,
    usingMetrics: { reports: metricRow(apiName, 'readyWorkers', { statistic: Stats.SAMPLE_COUNT }) },
  });
}
