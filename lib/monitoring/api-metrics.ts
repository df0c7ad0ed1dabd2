/** The metrics that an API's replicas emit, by the rows of the contract's table, and what is computed from them. */
import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  EMF_INTERVAL_MS,
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  METRICS,
  type MetricKey,
} from '../../runtime/contract/metrics';
import { isKnown } from '../private/check';
import { shown } from './alarm-plan';

/** A minute: the resolution at which replicas' metrics are kept, but for one. */
export const PERIOD = Duration.minutes(1);

/** Of one request a failure is 100 %: in a minute with fewer than these nothing is proved. */
export const MIN_REQUESTS = 10;

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

/** What failed, of how many at least, and over how long. */
export interface Share {
  readonly label: string;
  /** Counters whose sum is the part. */
  readonly failed: MetricKey[];
  readonly minRequests: number;
  /** @default PERIOD */
  readonly period?: Duration;
  /** What is made of the percentage, such as ` / 5`. */
  readonly scaled?: string;
}

/**
 * Percent of the requests that a caller could expect an answer to. Those refused for the caller's own mistake, 401 and 404
 * by the thousand, would hide among them what fails. With too few requests, or none, it is 0.
 */
export function percentOf(apiName: string, share: Share): MathExpression {
  const { label, failed, minRequests, period = PERIOD, scaled = '' } = share;
  const valid = '(requests - clientErrors)';
  const least = isKnown(minRequests) ? String(Math.max(1, minRequests)) : shown(minRequests);
  const part = failed.length === 1 ? failed[0] : `(${failed.join(' + ')})`;
  const counters: MetricKey[] = ['requests', 'clientErrors', ...failed];
  return new MathExpression({
    label,
    expression: `IF(${valid} >= ${least}, 100 * ${part} / ${valid}${scaled}, 0)`,
    period,
    usingMetrics: Object.fromEntries(counters.map((key) => [key, metricRow(apiName, key, { period })])),
  });
}

/** A counter as a rate, which stays true when a dashboard stretches its periods. */
export function perMinute(apiName: string, key: MetricKey, label: string, color?: string): MathExpression {
  return rate(key, metricRow(apiName, key), { label, color });
}

/** A counter of which AWS keeps silent while it is 0, as a rate. */
export function sparsePerMinute(id: string, counter: IMetric, label: string, color?: string): MathExpression {
  return rate(id, counter, { label, color, value: `FILL(${id}, 0)` });
}

interface RateLook {
  readonly label: string;
  readonly color?: string;
  readonly value?: string;
}

function rate(id: string, counter: IMetric, { value = id, ...look }: RateLook): MathExpression {
  return new MathExpression({
    ...look,
    expression: `60 * ${value} / PERIOD(${id})`,
    period: PERIOD,
    usingMetrics: { [id]: counter },
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

export function inGibibytes(id: string, bytes: IMetric, label: string): MathExpression {
  return new MathExpression({ label, expression: `${id} / ${2 ** 30}`, period: PERIOD, usingMetrics: { [id]: bytes } });
}
