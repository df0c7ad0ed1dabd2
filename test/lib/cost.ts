/**
 * What AWS bills by the hour or month for declarations while nobody calls, as quantities read from their templates. What
 * is billed by use (capacity units, data, log volume) is not in it.
 */
import { METRICS, type MetricRow } from '../../runtime/contract/metrics';
import { type Json, resourcesIn, type StackTemplate } from './whole-apps';

export type Quantities = Readonly<Record<string, number>>;

/** A minute; what is looked at more often costs three times as much. */
const STANDARD_PERIOD = 60;

/** Target tracking makes two alarms of its own, one for more and one for fewer, that no template shows. */
const ALARMS_OF_A_TARGET = 2;

/** Durations have no value while nobody calls, nor has a GPU that is not there; a metric without one is not billed. */
const idleMetrics = Object.values<MetricRow>(METRICS).filter(
  ({ prometheusType, needs }) => prometheusType !== 'histogram' && needs === undefined,
);

export function quantitiesOf(templates: readonly StackTemplate[]): Quantities {
  const all = (type: string) => resourcesIn(templates, type).map(({ properties }) => properties);
  const alarmPeriods = all('AWS::CloudWatch::Alarm').flatMap(periodsOf);
  const replicas = sum(all('AWS::ApplicationAutoScaling::ScalableTarget'), ({ MinCapacity }) => MinCapacity);
  const services = all('AWS::ECS::Service').length;
  const each = replicas / services;
  const balancers = all('AWS::ElasticLoadBalancingV2::LoadBalancer');
  const facing = balancers.filter(({ Scheme }) => Scheme === 'internet-facing');
  const tracked = all('AWS::ApplicationAutoScaling::ScalingPolicy').filter(
    ({ PolicyType }) => PolicyType === 'TargetTrackingScaling',
  );
  const standard = alarmPeriods.filter((period) => period >= STANDARD_PERIOD).length;
  return {
    'Fargate, vCPU': sum(all('AWS::ECS::TaskDefinition'), ({ Cpu }) => (each * Number(Cpu)) / 1024),
    'Fargate, GB of memory': sum(all('AWS::ECS::TaskDefinition'), ({ Memory }) => (each * Number(Memory)) / 1024),
    'load balancer': balancers.length,
    'NAT gateway': all('AWS::EC2::NatGateway').length,
    'public IPv4 address': all('AWS::EC2::EIP').length + sum(facing, ({ Subnets }) => Subnets.length),
    'custom metric': services * idleMetrics.length,
    'metric of an alarm': standard + ALARMS_OF_A_TARGET * tracked.length,
    'metric of a high-resolution alarm': alarmPeriods.length - standard,
    'composite alarm': all('AWS::CloudWatch::CompositeAlarm').length,
    dashboard: all('AWS::CloudWatch::Dashboard').length,
    secret: all('AWS::SecretsManager::Secret').length,
  };
}

/** An alarm is billed for each metric that it reads. */
function periodsOf({ Period, Metrics = [] }: Json): number[] {
  const read = Metrics.flatMap(({ MetricStat }: Json) => MetricStat?.Period ?? []);
  return Period === undefined ? read : [Period, ...read];
}

function sum(all: readonly Json[], of: (one: Json) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
