/**
 * How few and how many replicas run, and when that changes. Refused is only what is wrong at any time: whether limits of
 * two schedules meet depends on the clock.
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

const DEFAULT_MAX_REPLICAS = 10;

export function limitsOf({ minReplicas = 1, maxReplicas, schedules = [] }: ScalingOptions): Limits {
  const most = isKnown(minReplicas) ? Math.max(DEFAULT_MAX_REPLICAS, minReplicas) : DEFAULT_MAX_REPLICAS;
  const mayHaveNone = [minReplicas, ...schedules.map((one) => one.minReplicas)].includes(0);
  return { minReplicas, maxReplicas: maxReplicas ?? most, mayHaveNone };
}

export function defineSchedules(replicas: ScalableTaskCount, schedules: readonly ScalingSchedule[] = []): void {
  for (const [index, { schedule, minReplicas, maxReplicas, timeZone }] of schedules.entries()) {
    replicas.scaleOnSchedule(`Schedule${index}`, {
      schedule,
      minCapacity: minReplicas,
      maxCapacity: maxReplicas,
      timeZone,
    });
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

function checkSchedule(check: Check, name: string, schedule: ScalingSchedule, options: ScalingOptions): void {
  const { minReplicas, maxReplicas } = schedule;
  check.that(
    minReplicas !== undefined || maxReplicas !== undefined,
    `${name} changes nothing: give it minReplicas or maxReplicas`,
  );
  check.integer(`${name}.minReplicas`, minReplicas, 0);
  check.integer(`${name}.maxReplicas`, maxReplicas, 0);
  const most = maxReplicas ?? highest(options);
  if (isKnown(minReplicas) && isKnown(most)) {
    check.that(
      minReplicas <= most,
      `${name}.minReplicas (${minReplicas}) exceeds maxReplicas (${most}) at that time: give it a maxReplicas of at least ${minReplicas}`,
    );
  }
  const least = minReplicas ?? lowest(options);
  if (minReplicas === undefined && isKnown(maxReplicas) && isKnown(least)) {
    check.that(
      least <= maxReplicas,
      `${name}.maxReplicas (${maxReplicas}) is below minReplicas (${least}) at that time: give it a minReplicas of at most ${maxReplicas}`,
    );
  }
}

/** The highest limit that may be in force when a schedule does not change it; unknown when one of them is. */
function highest(options: ScalingOptions): number | undefined {
  const limits = [limitsOf(options).maxReplicas, ...given(options, 'maxReplicas')];
  return limits.every(isKnown) ? Math.max(...limits) : undefined;
}

function lowest(options: ScalingOptions): number | undefined {
  const limits = [limitsOf(options).minReplicas, ...given(options, 'minReplicas')];
  return limits.every(isKnown) ? Math.min(...limits) : undefined;
}

function given({ schedules = [] }: ScalingOptions, name: 'minReplicas' | 'maxReplicas'): number[] {
  return schedules.map((schedule) => schedule[name]).filter((limit) => limit !== undefined);
}

function checkNone(check: Check, options: ScalingOptions): void {
  const raised = given(options, 'minReplicas').some((limit) => !isKnown(limit) || limit > 0);
  check.that(
    raised || !limitsOf(options).mayHaveNone,
    'minReplicas may be 0 only when a schedule raises it (got 0): with no replica nothing measures the demand for one. ' +
      "Use 1, or add to schedules one such as { schedule: Schedule.cron({ weekDay: 'MON-FRI', hour: '7', minute: '0' }), minReplicas: 1 }",
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
