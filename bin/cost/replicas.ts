/** How many replicas an API has, and how many predictions a second one of them makes at the target of its scaling. */
import { automaticWorkers, SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { EMF_INTERVAL_MS, METRIC_NAMESPACE, METRICS } from '../../runtime/contract/metrics';
import type { Json } from './assembly';
import { type FoundApi, known } from './model-apis';
import { isSame, mentions, type Placed, type References } from './reference';
import { averageLimits, type Limits } from './schedules';
import type { Columns } from './situations';

export interface Replicas {
  readonly count: Columns;
  /** Predictions a second of one replica at the target; undefined where the template does not tell. */
  readonly rate?: number;
  /** Where the rate comes from, as a sentence without its final dot. */
  readonly basis: string;
  /** Schedules that are in `count` as averages, and those that are not. */
  readonly note?: string;
}

export function replicasOf(references: References, api: FoundApi, predictMs: number): Replicas {
  const target = scalableTargetOf(api, references);
  const { limits, note } = target ? limitsOf(target, api.name) : { limits: desired(api), note: undefined };
  const { min, max } = limits;
  // Without a replica nothing would be busy.
  const count = { idle: min, target: min || 1, max };
  return { count, note, ...rateOf(api, target ? policiesOf(target, references) : [], predictMs / 1000) };
}

function desired({ service, name }: FoundApi): Limits {
  const count = known(service.properties.DesiredCount ?? 1, `number of replicas of ${name}`);
  return { min: count, max: count };
}

function scalableTargetOf({ service }: FoundApi, references: References): Placed | undefined {
  return references
    .all('AWS::ApplicationAutoScaling::ScalableTarget')
    .find(({ stack, properties }) => stack === service.stack && mentions(properties.ResourceId, service.id));
}

function limitsOf({ properties }: Placed, name: string): { limits: Limits; note?: string } {
  const limits = {
    min: known(properties.MinCapacity, `fewest replicas of ${name}`),
    max: known(properties.MaxCapacity, `most replicas of ${name}`),
  };
  const { ScheduledActions: actions = [] } = properties;
  if (actions.length === 0) return { limits };
  const average = averageLimits(limits, actions);
  const plural = actions.length === 1 ? 'schedule changes' : 'schedules change';
  return average
    ? {
        limits: average,
        note: `${actions.length} ${plural} the limits: the numbers of replicas are averages over a week`,
      }
    : {
        limits,
        note: `${actions.length} ${plural} the limits in ways that do not repeat weekly: not taken into account`,
      };
}

function policiesOf(target: Placed, references: References): Json[] {
  const policies = references.all('AWS::ApplicationAutoScaling::ScalingPolicy').filter(({ stack, properties }) => {
    const scaled = references.target(stack, properties.ScalingTargetId);
    return scaled && isSame(scaled, target);
  });
  return policies.flatMap(({ properties }) => properties.TargetTrackingScalingPolicyConfiguration ?? []);
}

interface Rate {
  readonly rate?: number;
  readonly basis: string;
}

/** Of several targets the one that is reached first decides. */
function rateOf(api: FoundApi, policies: readonly Json[], predictSeconds: number): Rate {
  if (policies.length === 0) {
    const inFlight = workersOf(api) * (api.overlay.concurrency ?? 1);
    return { rate: inFlight / predictSeconds, basis: `no scaling: ${plain(inFlight)} in flight a replica` };
  }
  const rates = policies.map((policy) => rateAt(api, policy, predictSeconds));
  return rates.reduce((lowest, one) => ((one.rate ?? Infinity) < (lowest.rate ?? Infinity) ? one : lowest));
}

function rateAt(api: FoundApi, policy: Json, predictSeconds: number): Rate {
  const { TargetValue, CustomizedMetricSpecification: own, PredefinedMetricSpecification: predefined } = policy;
  const value = known(TargetValue, `scaling target of ${api.name}`);
  const metric = own?.Namespace === METRIC_NAMESPACE ? own.MetricName : predefined?.PredefinedMetricType;
  switch (metric) {
    case METRICS.offeredConcurrency.emf:
      return { rate: value / predictSeconds, basis: `scaling keeps ${plain(value)} in flight a replica` };
    case METRICS.requests.emf: {
      const rate = (value * 1000) / EMF_INTERVAL_MS;
      return { rate, basis: `scaling keeps ${plain(rate)} requests a second a replica` };
    }
    case 'ALBRequestCountPerTarget':
      return { rate: value / 60, basis: `scaling keeps ${plain(value)} requests a minute a replica` };
    case 'ECSServiceAverageCPUUtilization': {
      const rate = (workersOf(api) * value) / 100 / predictSeconds;
      return {
        rate,
        basis: `scaling keeps ${plain(value)} % of CPU, read as workers that are busy for as much of the time`,
      };
    }
    default:
      return { basis: `scaling follows ${own?.MetricName ?? metric}, which does not tell predictions` };
  }
}

function workersOf({ overlay, replica }: FoundApi): number {
  const { workers = SERVING_DEFAULTS.workers } = overlay;
  return workers === 'auto' ? automaticWorkers(replica.vcpus) : workers;
}

function plain(value: number): string {
  return String(Number(value.toPrecision(3)));
}
