/**
 * How few and how many replicas run, and when that changes. Each schedule sets both limits, so that none depends on which
 * one came before: that is the clock's.
 */
import { Annotations } from 'aws-cdk-lib';
import type { ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { type Check, isKnown } from '../private/check';
import type { ScalingOptions, ScalingSchedule } from './options';

export interface Limits {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Whether there are times without a replica. */
  readonly mayHaveNone: boolean;
}

/** How many replicas a scaling may ask for, as far as synth knows it. */
export interface ReplicaRange {
  /** The lowest of the minimums, its own and those of schedules. */
  readonly lowestMin?: number;
  /** The highest of them. */
  readonly highestMin?: number;
  readonly max?: number;
}

const DEFAULT_MAX_REPLICAS = 10;

export function limitsOf({ minReplicas = 1, maxReplicas, schedules = [] }: ScalingOptions): Limits {
  const most = isKnown(minReplicas) ? Math.max(DEFAULT_MAX_REPLICAS, minReplicas) : DEFAULT_MAX_REPLICAS;
  const mayHaveNone = [minReplicas, ...schedules.map((one) => one.minReplicas)].includes(0);
  return { minReplicas, maxReplicas: maxReplicas ?? most, mayHaveNone };
}

/**
 * Both limits from a schedule's time on. Application Auto Scaling leaves one that an action does not say as the action
 * before it did, and fails an action whose minimum is above that: an API that was stopped would never be woken.
 */
function limitsAt({ minReplicas, maxReplicas }: ScalingSchedule, options: ScalingOptions) {
  const own = limitsOf(options);
  return { minReplicas: minReplicas ?? own.minReplicas, maxReplicas: maxReplicas ?? own.maxReplicas };
}

/** Over all times; what only the deployment knows is left out. */
export function rangeOf(options: ScalingOptions): ReplicaRange {
  const all = [limitsOf(options), ...(options.schedules ?? []).map((one) => limitsAt(one, options))];
  const least = all.map(({ minReplicas }) => minReplicas);
  const most = all.map(({ maxReplicas }) => maxReplicas);
  const isLeastKnown = least.every((one) => isKnown(one));
  return {
    lowestMin: isLeastKnown ? Math.min(...least) : undefined,
    highestMin: isLeastKnown ? Math.max(...least) : undefined,
    max: most.every((one) => isKnown(one)) ? Math.max(...most) : undefined,
  };
}

export function defineSchedules(replicas: ScalableTaskCount, options: ScalingOptions): void {
  for (const [index, one] of (options.schedules ?? []).entries()) {
    const { schedule, timeZone } = one;
    const { minReplicas: minCapacity, maxReplicas: maxCapacity } = limitsAt(one, options);
    replicas.scaleOnSchedule(`Schedule${index}`, { schedule, minCapacity, maxCapacity, timeZone });
  }
}

export function checkLimits(check: Check, options: ScalingOptions): void {
  const { minReplicas, maxReplicas, schedules = [] } = options;
  check.integer('minReplicas', minReplicas, 0);
  check.integer('maxReplicas', maxReplicas, 1);
  if (isKnown(minReplicas) && isKnown(maxReplicas)) {
    check.that(minReplicas <= maxReplicas, `minReplicas (${minReplicas}) must not exceed maxReplicas (${maxReplicas})`);
  }
  for (const [index, schedule] of schedules.entries()) checkSchedule(check, `schedules[${index}]`, schedule, options);
  checkNone(check, options);
  for (const name of ['scaleOutCooldown', 'scaleInCooldown'] as const) {
    check.seconds(name, options[name], 'policies are compared by it', 0);
  }
}

function checkSchedule(check: Check, name: string, one: ScalingSchedule, options: ScalingOptions): void {
  check.that(one.schedule !== undefined, `${name} needs schedule, such as ${EVERY_MORNING}`);
  check.that(
    one.minReplicas !== undefined || one.maxReplicas !== undefined,
    `${name} has no limit of its own: give it minReplicas or maxReplicas`,
  );
  check.integer(`${name}.minReplicas`, one.minReplicas, 0);
  check.integer(`${name}.maxReplicas`, one.maxReplicas, 0);
  const { minReplicas, maxReplicas } = limitsAt(one, options);
  if (!isKnown(minReplicas) || !isKnown(maxReplicas) || minReplicas <= maxReplicas) return;
  check.that(
    one.minReplicas === undefined,
    `${name}.minReplicas (${minReplicas}) exceeds maxReplicas (${maxReplicas}) at that time: give it a maxReplicas of at least ${minReplicas}`,
  );
  check.that(
    one.minReplicas !== undefined,
    `${name}.maxReplicas (${maxReplicas}) is below minReplicas (${minReplicas}) at that time: give it a minReplicas of at most ${maxReplicas}`,
  );
}

const EVERY_MORNING = "Schedule.cron({ weekDay: 'MON-FRI', hour: '7', minute: '0' })";

function checkNone(check: Check, options: ScalingOptions): void {
  const { schedules = [] } = options;
  const raised = schedules
    .map((one) => limitsAt(one, options).minReplicas)
    .some((minReplicas) => !isKnown(minReplicas) || minReplicas > 0);
  check.that(
    raised || !limitsOf(options).mayHaveNone,
    'minReplicas may be 0 only when a schedule raises it (got 0): with no replica nothing measures the demand for one. ' +
      `Use 1, or add to schedules one such as { schedule: ${EVERY_MORNING}, minReplicas: 1 }, which brings back the maxReplicas of the scaling too`,
  );
}

/** Percentages are of whole replicas: a half more of one replica is none. */
export function warnOfStandstill(scope: Construct, minReplicas: number, leastReplicas: number): void {
  if (!isKnown(minReplicas) || Math.max(1, minReplicas) >= leastReplicas) return;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:rolloutStandsStill',
    `with fewer than ${leastReplicas} replicas the percentages of rollout let neither a new one start nor an old one stop, and minReplicas is ${minReplicas}: a deployment at such a time waits until it is given up. Raise minReplicas to ${leastReplicas}, or raise maxHealthyPercent, or lower minHealthyPercent`,
  );
}
