/** How few and how many replicas run, and when that changes; the same for every kind of scaling. */
import { Duration, Lazy, TimeZone } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { describe, expect, test } from 'vitest';
import { Rollout, Scaling, type ScalingOptions } from '../../../lib';
import { apiIn, declared, only, stackIn, warningsOf } from '../declaration';

const WORKDAYS = Schedule.cron({ weekDay: 'MON-FRI', hour: '7', minute: '0' });
const EVENINGS = Schedule.cron({ weekDay: 'MON-FRI', hour: '19', minute: '0' });

function targetOf(options?: ScalingOptions) {
  return only(declared({ scaling: Scaling.onConcurrency(options) }), 'AWS::ApplicationAutoScaling::ScalableTarget');
}

function replicas(options?: ScalingOptions) {
  const { MinCapacity, MaxCapacity } = targetOf(options);
  return [MinCapacity, MaxCapacity];
}

describe('the limits', () => {
  test('are 1 to 10 replicas unless said otherwise', () => {
    expect(replicas()).toEqual([1, 10]);
    expect(replicas({ minReplicas: 2, maxReplicas: 4 })).toEqual([2, 4]);
    expect(replicas({ minReplicas: 20 })).toEqual([20, 20]);
  });

  test('may be known at deployment only', () => {
    const late = Lazy.number({ produce: () => 3 });
    expect(replicas({ minReplicas: late, maxReplicas: late })).toEqual([3, 3]);
  });

  test.each<[ScalingOptions, string]>([
    [{ minReplicas: 1.5 }, 'minReplicas must be an integer of at least 0 (got 1.5)'],
    [{ minReplicas: -1 }, 'minReplicas must be an integer of at least 0 (got -1)'],
    [{ maxReplicas: 0 }, 'maxReplicas must be an integer of at least 1 (got 0)'],
    [
      { scaleInCooldown: Duration.millis(500) },
      'scaleInCooldown in seconds must be an integer of at least 0 (got 0.5)',
    ],
    [
      { scaleOutCooldown: Duration.seconds(Lazy.number({ produce: () => 5 })) },
      'scaleOutCooldown must be known at synth: policies are compared by it',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => replicas(options)).toThrow(`[Stack/Api] ${message}`);
  });
});

describe('schedules', () => {
  test('change the limits at their time, in their time zone', () => {
    const schedules = [
      { schedule: WORKDAYS, minReplicas: 3, maxReplicas: 30, timeZone: TimeZone.EUROPE_BERLIN },
      { schedule: EVENINGS, minReplicas: 1 },
    ];
    expect(targetOf({ schedules }).ScheduledActions).toEqual([
      {
        ScheduledActionName: 'Schedule0',
        Schedule: 'cron(0 7 ? * MON-FRI *)',
        ScalableTargetAction: { MinCapacity: 3, MaxCapacity: 30 },
        Timezone: 'Europe/Berlin',
      },
      {
        ScheduledActionName: 'Schedule1',
        Schedule: 'cron(0 19 ? * MON-FRI *)',
        ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 10 },
      },
    ]);
  });

  test('set both limits, so that an API that was stopped for the night is woken with its own', () => {
    const schedules = [
      { schedule: EVENINGS, minReplicas: 0, maxReplicas: 0 },
      { schedule: WORKDAYS, minReplicas: 2 },
    ];
    const actions = targetOf({ maxReplicas: 4, schedules }).ScheduledActions;
    expect(actions.map(({ ScalableTargetAction }: { ScalableTargetAction: unknown }) => ScalableTargetAction)).toEqual([
      { MinCapacity: 0, MaxCapacity: 0 },
      { MinCapacity: 2, MaxCapacity: 4 },
    ]);
  });

  test('that change the other limit bring back minReplicas', () => {
    const schedules = [
      { schedule: EVENINGS, minReplicas: 0, maxReplicas: 0 },
      { schedule: WORKDAYS, maxReplicas: 30 },
    ];
    const { ScheduledActions } = targetOf({ minReplicas: 2, schedules });
    expect(ScheduledActions[1].ScalableTargetAction).toEqual({ MinCapacity: 2, MaxCapacity: 30 });
  });

  test('that raise it let minReplicas be 0', () => {
    expect(replicas({ minReplicas: 0, schedules: [{ schedule: WORKDAYS, minReplicas: 1 }] })).toEqual([0, 10]);
  });

  const WAY_OUT =
    'minReplicas may be 0 only when a schedule raises it (got 0): with no replica nothing measures the demand for one. ' +
    "Use 1, or add to schedules one such as { schedule: Schedule.cron({ weekDay: 'MON-FRI', hour: '7', minute: '0' }), minReplicas: 1 }, which brings back the maxReplicas of the scaling too";

  test.each<[string, ScalingOptions, string]>([
    ['minReplicas 0 without any', { minReplicas: 0 }, WAY_OUT],
    ['a stop without an end', { schedules: [{ schedule: EVENINGS, minReplicas: 0 }] }, WAY_OUT],
    [
      'one that changes nothing',
      { schedules: [{ schedule: WORKDAYS }] },
      'schedules[0] has no limit of its own: give it minReplicas or maxReplicas',
    ],
    [
      'a minimum beyond the maximum',
      { schedules: [{ schedule: WORKDAYS, minReplicas: 20 }] },
      'schedules[0].minReplicas (20) exceeds maxReplicas (10) at that time: give it a maxReplicas of at least 20',
    ],
    [
      'a minimum beyond its own maximum',
      { schedules: [{ schedule: WORKDAYS, minReplicas: 3, maxReplicas: 2 }] },
      'schedules[0].minReplicas (3) exceeds maxReplicas (2) at that time: give it a maxReplicas of at least 3',
    ],
    [
      'a maximum below the minimum',
      { schedules: [{ schedule: EVENINGS, maxReplicas: 0 }] },
      'schedules[0].maxReplicas (0) is below minReplicas (1) at that time: give it a minReplicas of at most 0',
    ],
    [
      'one without a time, which plain JavaScript may leave out',
      { schedules: [{ minReplicas: 2 } as never] },
      "schedules[0] needs schedule, such as Schedule.cron({ weekDay: 'MON-FRI', hour: '7', minute: '0' })",
    ],
    [
      'part of a replica',
      { schedules: [{ schedule: WORKDAYS, minReplicas: 0.5 }] },
      'schedules[0].minReplicas must be an integer of at least 0 (got 0.5)',
    ],
  ])('%s is refused', (_, options, message) => {
    expect(() => replicas(options)).toThrow(`[Stack/Api] ${message}`);
  });

  test('are judged one by one: what another allows counts for nothing', () => {
    const schedules = [
      { schedule: WORKDAYS, minReplicas: 20 },
      { schedule: EVENINGS, minReplicas: 1, maxReplicas: 30 },
    ];
    expect(() => replicas({ schedules })).toThrow(
      'schedules[0].minReplicas (20) exceeds maxReplicas (10) at that time',
    );
  });
});

describe('a rollout that cannot move so few replicas', () => {
  const rollout = Rollout.rolling({ minHealthyPercent: 100, maxHealthyPercent: 150 });

  test.each([
    [1, ['cdk-model-api:rolloutStandsStill']],
    [2, []],
  ])('is warned of with %i of them: %j', (minReplicas, warnings) => {
    const stack = stackIn();
    apiIn(stack, { rollout, scaling: Scaling.onConcurrency({ minReplicas }) });
    Template.fromStack(stack);
    expect(warningsOf(stack)).toEqual(warnings);
  });
});
