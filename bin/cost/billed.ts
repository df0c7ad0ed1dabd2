/**
 * What of a template is billed by the hour or the month, apart from what replicas run on. What is billed by use alone is
 * in `usage.ts`, or left out.
 */
import type { Json } from './assembly';
import type { Prices } from './prices';
import type { Placed, References } from './reference';
import { type Columns, columns, constant, HOURS_A_MONTH } from './situations';
import { capacityUnits, MILLION, requestsAMonth } from './usage';

/** A line of an estimate. */
export interface Item {
  readonly label: string;
  readonly cost: Columns;
}

/** The label of what every API needs: where there is none, it stands elsewhere. */
export const LOAD_BALANCER = 'load balancer';

/** What a resource costs; `rate` is the requests a second of everybody who uses it. */
type Billing = (properties: Json, prices: Prices, rate: Columns) => Item[];

const BILLED: Readonly<Record<string, Billing>> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (properties, prices, rate) => {
    const use = (situation: keyof Columns) => capacityUnits(rate[situation]) * prices.loadBalancer('capacityUnit');
    const hour = (situation: keyof Columns) => prices.loadBalancer('hour') + use(situation);
    const balancer = { label: LOAD_BALANCER, cost: columns((situation) => hour(situation) * HOURS_A_MONTH) };
    const addresses =
      properties.Scheme === 'internal' ? 0 : (properties.Subnets ?? properties.SubnetMappings ?? []).length;
    return addresses > 0 ? [balancer, publicAddresses(addresses, prices)] : [balancer];
  },
  'AWS::EC2::NatGateway': (_, prices) => [hourly('NAT gateway', prices.of('natGateway'))],
  'AWS::EC2::EIP': (_, prices) => [publicAddresses(1, prices)],
  'AWS::EC2::VPCEndpoint': ({ VpcEndpointType, SubnetIds = [''] }, prices) =>
    // Those of S3 and DynamoDB that are only routes cost nothing.
    VpcEndpointType === 'Interface' ? [hourly('VPC endpoint', SubnetIds.length * prices.of('vpcEndpoint'))] : [],
  'AWS::CloudWatch::Alarm': (properties, prices) => [monthly('alarms', alarmMonth(properties, prices))],
  'AWS::CloudWatch::CompositeAlarm': (_, prices) => [monthly('alarms', prices.of('compositeAlarm'))],
  // Target tracking makes two alarms of its own, one for more and one for fewer, that no template shows.
  'AWS::ApplicationAutoScaling::ScalingPolicy': ({ PolicyType }, prices) =>
    PolicyType === 'TargetTrackingScaling' ? [monthly('alarms', 2 * prices.of('alarm'))] : [],
  'AWS::CloudWatch::Dashboard': (_, prices) => [monthly('dashboard', prices.of('dashboard'))],
  'AWS::SecretsManager::Secret': (_, prices) => [monthly('secret', prices.of('secret'))],
  'AWS::WAFv2::WebACL': ({ Rules = [] }, prices, rate) => {
    const standing = prices.of('webAcl') + Rules.length * prices.of('webAclRule');
    const requests = (situation: keyof Columns) => requestsAMonth(rate[situation]) / MILLION;
    const month = (situation: keyof Columns) => standing + requests(situation) * prices.of('webAclMillionRequests');
    return [{ label: 'web ACL', cost: columns(month) }];
  },
};

/** By type, which is the order of lines. */
export function billedResources(references: References): Placed[] {
  return Object.keys(BILLED).flatMap((type) => references.all(type));
}

export function itemsOf({ type, properties }: Placed, prices: Prices, rate: Columns): Item[] {
  return BILLED[type]?.(properties, prices, rate) ?? [];
}

/** A minute; what is looked at more often costs three times as much. */
const STANDARD_PERIOD = 60;

/** An alarm is billed for each metric that it reads. */
function alarmMonth({ Period, Metrics = [] }: Json, prices: Prices): number {
  const read: number[] = Metrics.flatMap(({ MetricStat }: Json) => MetricStat?.Period ?? []);
  const periods = Period === undefined ? read : [Period, ...read];
  const price = (period: number) => prices.of(Number(period) < STANDARD_PERIOD ? 'highResolutionAlarm' : 'alarm');
  return periods.reduce((total, period) => total + price(period), 0);
}

function publicAddresses(count: number, prices: Prices): Item {
  return hourly('public IPv4 addresses', count * prices.of('publicIp'));
}

function hourly(label: string, dollars: number): Item {
  return { label, cost: constant(dollars * HOURS_A_MONTH) };
}

function monthly(label: string, dollars: number): Item {
  return { label, cost: constant(dollars) };
}
