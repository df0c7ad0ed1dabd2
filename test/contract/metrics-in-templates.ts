/**
 * Every metric that a template names, wherever it may stand: alarms with and without math, widgets of dashboards,
 * policies of scaling with their own metric or one that AWS defines.
 */
import { asText, type Json, type Resource, resourcesIn, type StackTemplate } from '../lib/whole-apps';

export interface UsedMetric {
  /** Which resource names it. */
  readonly by: string;
  readonly namespace: string;
  readonly name: string;
  /** Names and values, sorted by name. */
  readonly dimensions: readonly (readonly [string, string])[];
  /** Given: data with another unit is not seen. */
  readonly unit?: string;
  /** Seconds. */
  readonly period?: number;
}

/** What AWS measures by the names that target tracking has for it. */
const PREDEFINED: Record<string, Omit<UsedMetric, 'by'>> = {
  ECSServiceAverageCPUUtilization: service('CPUUtilization'),
  ECSServiceAverageMemoryUtilization: service('MemoryUtilization'),
};

function service(name: string): Omit<UsedMetric, 'by'> {
  return {
    namespace: 'AWS/ECS',
    name,
    dimensions: [
      ['ClusterName', ''],
      ['ServiceName', ''],
    ],
  };
}

const READERS: Record<string, (properties: Json) => Omit<UsedMetric, 'by'>[]> = {
  'AWS::CloudWatch::Alarm': ofAlarm,
  'AWS::CloudWatch::Dashboard': ofDashboard,
  'AWS::ApplicationAutoScaling::ScalingPolicy': ofPolicy,
};

export function metricsIn(templates: readonly StackTemplate[]): UsedMetric[] {
  return resourcesIn(templates).flatMap(({ type, properties, id, stack }: Resource) =>
    (READERS[type]?.(properties) ?? []).map((metric) => ({ by: `${stack}/${id}`, ...metric })),
  );
}

function ofAlarm(properties: Json): Omit<UsedMetric, 'by'>[] {
  return [...single(properties), ...queries(properties.Metrics)];
}

function ofPolicy({ TargetTrackingScalingPolicyConfiguration: tracking }: Json): Omit<UsedMetric, 'by'>[] {
  const custom = tracking?.CustomizedMetricSpecification;
  const predefined = tracking?.PredefinedMetricSpecification?.PredefinedMetricType;
  if (predefined) return [PREDEFINED[predefined] ?? unknown(predefined)];
  return custom ? [...single(custom), ...queries(custom.Metrics)] : [];
}

function unknown(predefined: string): never {
  throw new Error(`what AWS measures for ${predefined} has to be written down here`);
}

function single({ Namespace, MetricName, Dimensions, Unit, Period }: Json): Omit<UsedMetric, 'by'>[] {
  if (MetricName === undefined) return [];
  const dimensions = sorted((Dimensions ?? []).map(({ Name, Value }: Json) => [Name, asText(Value)]));
  return [{ namespace: Namespace, name: MetricName, dimensions, unit: Unit, period: Period }];
}

/** Of metric math; an expression names no metric of its own. */
function queries(all: Json[] = []): Omit<UsedMetric, 'by'>[] {
  return all.flatMap(({ MetricStat: stat }) =>
    stat ? single({ ...stat.Metric, Unit: stat.Unit, Period: stat.Period }) : [],
  );
}

function ofDashboard({ DashboardBody }: Json): Omit<UsedMetric, 'by'>[] {
  const { widgets } = JSON.parse(asText(DashboardBody));
  return widgets.flatMap(({ properties }: Json) => (properties.metrics ?? []).flatMap(ofRow));
}

/** `[namespace, name, dimension, value, …, { options }]`, or `[{ expression }]`. */
function ofRow(row: Json[]): Omit<UsedMetric, 'by'>[] {
  const words = row.filter((word) => typeof word === 'string');
  const [namespace, name, ...rest] = words;
  if (namespace === undefined) return [];
  const pairs = rest.flatMap((word, index) => (index % 2 === 0 ? [[word, rest[index + 1]] as const] : []));
  return [{ namespace, name, dimensions: sorted(pairs), period: row.at(-1).period }];
}

function sorted(dimensions: (readonly [string, string])[]): (readonly [string, string])[] {
  return dimensions.sort(([one], [other]) => one.localeCompare(other));
}
