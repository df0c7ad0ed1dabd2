/**
 * What the load balancer tells of an API's replicas, in whichever target groups they are. Versions may take turns between
 * two: whoever looked at one of them would look at nobody after every second release.
 */
import { type IMetric, MathExpression, type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PERIOD, sparsePerMinute } from './api-metrics';

type Groups = readonly ApplicationTargetGroup[];

/** Those that are ready. */
export function readyReplicas(groups: Groups, options: MetricOptions): IMetric {
  return sumOf('ready', groups, options, ({ metrics }, each) => metrics.healthyHostCount(each));
}

/** All others. */
export function otherReplicas(groups: Groups, options: MetricOptions): IMetric {
  return sumOf('other', groups, options, ({ metrics }, each) => metrics.unhealthyHostCount(each));
}

export function failedConnections(groups: Groups): IMetric {
  return sumOf('refused', groups, { period: PERIOD }, ({ metrics }, each) => metrics.targetConnectionErrorCount(each));
}

export function failedConnectionsPerMinute(groups: Groups, label: string, color: string): IMetric {
  const [first, ...others] = groups.map(({ metrics }) => metrics.targetConnectionErrorCount({ period: PERIOD }));
  if (others.length === 0) return sparsePerMinute('refused', first as Metric, label, color);
  const { names, usingMetrics } = numbered('refused', [first as Metric, ...others]);
  const expression = `60 * FILL(SUM([${names.join(', ')}]), 0) / PERIOD(${names[0]})`;
  return new MathExpression({ label, color, expression, period: PERIOD, usingMetrics });
}

type MetricOf = (group: ApplicationTargetGroup, options: MetricOptions) => Metric;

/** The load balancer is silent about a group without replicas, and `SUM` of a list passes over who is silent. */
function sumOf(id: string, groups: Groups, options: MetricOptions, metricOf: MetricOf): IMetric {
  if (groups.length === 1) return metricOf(groups[0] as ApplicationTargetGroup, options);
  const { label, color, ...each } = options;
  const { names, usingMetrics } = numbered(
    id,
    groups.map((group) => metricOf(group, each)),
  );
  return new MathExpression({ label, color, expression: `SUM([${names.join(', ')}])`, period: PERIOD, usingMetrics });
}

function numbered(id: string, metrics: readonly Metric[]) {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`${id}${index + 1}`, metric]));
  return { names: Object.keys(usingMetrics), usingMetrics };
}
