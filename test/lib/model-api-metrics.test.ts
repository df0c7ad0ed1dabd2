/** A method for each metric that replicas emit. */
import { Duration } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, test } from 'vitest';
import { ModelApiMetrics } from '../../lib';
import { METRICS, type MetricRow } from '../../runtime/contract/metrics';
import { apiIn, stackIn } from './declaration';

/** An API called iris. */
const iris = () => apiIn(stackIn(), { apiName: 'iris' });

describe('metric methods', () => {
  test.each(Object.values<MetricRow>(METRICS).map((row) => [`metric${row.emf}`, row] as const))('%s', (name, row) => {
    const api = iris();
    const method = api[name as 'metricRequests'] as ((options?: MetricOptions) => Metric) | undefined;
    const metric = method?.call(api);
    expect(metric).toMatchObject({ namespace: 'ModelApi', metricName: row.emf, dimensions: { Api: 'iris' } });
    expect(metric?.statistic).toBe(row.prometheusType === 'counter' ? 'Sum' : 'Average');
    expect(method?.call(api, { statistic: 'p90' }).statistic).toBe('p90');
  });

  test('are those of the table and no others', () => {
    const methods = Object.getOwnPropertyNames(ModelApiMetrics.prototype);
    expect(methods.filter((name) => /^metric./.test(name)).sort()).toEqual(
      Object.values(METRICS)
        .map(({ emf }) => `metric${emf}`)
        .sort(),
    );
  });

  test('any other goes by its name', () => {
    const metric = iris().metric('Orders', { period: Duration.hours(1) });
    expect(metric).toMatchObject({ metricName: 'Orders', dimensions: { Api: 'iris' }, statistic: 'Average' });
    expect(metric.period.toHours()).toBe(1);
  });
});
