/** The metrics that an API's replicas emit, by the rows of the contract's table. */
import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS, type MetricKey } from '../../runtime/contract/metrics';

/** A minute: the resolution at which replicas' metrics are kept, but for one. */
export const PERIOD = Duration.minutes(1);

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
