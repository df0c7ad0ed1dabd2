/** How many replicas run, and what they follow. */
import { Duration, Lazy, TimeZone } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import {
  type ConcurrencyScalingOptions,
  type ModelApiProps,
  ModelHandler,
  Rollout,
  Scaling,
  type ScalingOptions,
} from '../../lib';
import { Metrics } from '../../runtime/gateway/metrics';
import { apiIn, declared, only, stackIn, warningsOf } from './declaration';

const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';
const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';

const WORKDAYS = Schedule.cron({ weekDay: 'MON-FRI', hour: '7', minute: '0' });
const EVENINGS = Schedule.cron({ weekDay: 'MON-FRI', hour: '19', minute: '0' });

function targetOf(scaling?: Scaling) {
  return only(declared({ scaling }), TARGET);
}

function replicas(options?: ConcurrencyScalingOptions) {
  const { MinCapacity, MaxCapacity } = targetOf(Scaling.onConcurrency(options));
  return [MinCapacity, MaxCapacity];
}

// biome-ignore lint/suspicious/noExplicitAny: properties are as their type has them.
function policiesOf(template: Template, type: 'TargetTrackingScaling' | 'StepScaling'): any[] {
  const policies = Object.values(template.findResources(POLICY)).map(({ Properties }) => Properties);
  return policies.filter(({ PolicyType }) => PolicyType === type);
}

/** What the only target tracking policy keeps. */
function tracking(props: Partial<ModelApiProps> = {}) {
  const [policy, ...others] = policiesOf(declared(props), 'TargetTrackingScaling');
  expect(others).toEqual([]);
  return policy.TargetTrackingScalingPolicyConfiguration;
}

describe('every scaling', () => {
  const kinds: [string, (options: ScalingOptions) => Scaling][] = [
    ['onConcurrency', (options) => Scaling.onConcurrency(options)],
    ['onRequests', (options) => Scaling.onRequests({ ...options, requestsPerMinute: 60 })],
    ['onCpu', (options) => Scaling.onCpu(options)],
    ['onMetric', (options) => Scaling.onMetric({ ...options, metric: backlog(), target: 1 })],
  ];

  test.each(kinds)('%s adds quickly and takes away slowly', (_, scaling) => {
    expect(tracking({ scaling: scaling({}) })).toMatchObject({ ScaleOutCooldown: 60, ScaleInCooldown: 300 });
  });

  test.each(kinds)('%s takes limits, cool-downs and schedules', (_, scaling) => {
    const options = {
      minReplicas: 2,
      maxReplicas: 4,
      scaleOutCooldown: Duration.seconds(0),
      scaleInCooldown: Duration.minutes(1),
      schedules: [{ schedule: WORKDAYS, minReplicas: 3 }],
    };
    const template = declared({ scaling: scaling(options) });
    const [{ TargetTrackingScalingPolicyConfiguration: policy }] = policiesOf(template, 'TargetTrackingScaling');
    expect(policy).toMatchObject({ ScaleOutCooldown: 0, ScaleInCooldown: 60 });
    const { MinCapacity, MaxCapacity, ScheduledActions } = only(template, TARGET);
    expect([MinCapacity, MaxCapacity, ScheduledActions.length]).toEqual([2, 4, 1]);
  });

  test.each(kinds)('%s refuses what is wrong with them', (_, scaling) => {
    expect(() => declared({ scaling: scaling({ minReplicas: 5, maxReplicas: 2 }) })).toThrow(
      '[Stack/Api] minReplicas (5) must not exceed maxReplicas (2)',
    );
  });
});

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
    expect(targetOf(Scaling.onConcurrency({ schedules })).ScheduledActions).toEqual([
      {
        ScheduledActionName: 'Schedule0',
        Schedule: 'cron(0 7 ? * MON-FRI *)',
        ScalableTargetAction: { MinCapacity: 3, MaxCapacity: 30 },
        Timezone: 'Europe/Berlin',
      },
      {
        ScheduledActionName: 'Schedule1',
        Schedule: 'cron(0 19 ? * MON-FRI *)',
        ScalableTargetAction: { MinCapacity: 1 },
      },
    ]);
  });

  test('may stop the API for the night', () => {
    const schedules = [
      { schedule: WORKDAYS, minReplicas: 1, maxReplicas: 10 },
      { schedule: EVENINGS, minReplicas: 0, maxReplicas: 0 },
    ];
    expect(targetOf(Scaling.onConcurrency({ schedules })).ScheduledActions[1].ScalableTargetAction).toEqual({
      MinCapacity: 0,
      MaxCapacity: 0,
    });
  });

  test('that raise it let minReplicas be 0', () => {
    expect(replicas({ minReplicas: 0, schedules: [{ schedule: WORKDAYS, minReplicas: 1 }] })).toEqual([0, 10]);
  });

  const WAY_OUT =
    'minReplicas may be 0 only when a schedule raises it (got 0): with no replica nothing measures the demand for one. ' +
    "Use 1, or add to schedules one such as { schedule: Schedule.cron({ weekDay: 'MON-FRI', hour: '7', minute: '0' }), minReplicas: 1 }";

  test.each<[string, ScalingOptions, string]>([
    ['minReplicas 0 without any', { minReplicas: 0 }, WAY_OUT],
    ['a stop without an end', { schedules: [{ schedule: EVENINGS, minReplicas: 0 }] }, WAY_OUT],
    [
      'one that changes nothing',
      { schedules: [{ schedule: WORKDAYS }] },
      'schedules[0] changes nothing: give it minReplicas or maxReplicas',
    ],
    [
      'a minimum beyond every maximum',
      { schedules: [{ schedule: WORKDAYS, minReplicas: 20 }] },
      'schedules[0].minReplicas (20) exceeds maxReplicas (10) at that time: give it a maxReplicas of at least 20',
    ],
    [
      'a minimum beyond its own maximum',
      { schedules: [{ schedule: WORKDAYS, minReplicas: 3, maxReplicas: 2 }] },
      'schedules[0].minReplicas (3) exceeds maxReplicas (2) at that time: give it a maxReplicas of at least 3',
    ],
    [
      'a maximum below every minimum',
      { schedules: [{ schedule: EVENINGS, maxReplicas: 0 }] },
      'schedules[0].maxReplicas (0) is below minReplicas (1) at that time: give it a minReplicas of at most 0',
    ],
    [
      'part of a replica',
      { schedules: [{ schedule: WORKDAYS, minReplicas: 0.5 }] },
      'schedules[0].minReplicas must be an integer of at least 0 (got 0.5)',
    ],
  ])('%s is refused', (_, options, message) => {
    expect(() => replicas(options)).toThrow(`[Stack/Api] ${message}`);
  });

  test('are not compared with each other, for their order is the clock’s', () => {
    const schedules = [
      { schedule: WORKDAYS, minReplicas: 20 },
      { schedule: EVENINGS, minReplicas: 1, maxReplicas: 30 },
    ];
    expect(replicas({ schedules })).toEqual([1, 10]);
  });
});

describe('Scaling.onConcurrency', () => {
  test('follows the work that is offered to a replica', () => {
    expect(tracking({ apiName: 'iris' }).CustomizedMetricSpecification).toEqual({
      Namespace: 'ModelApi',
      MetricName: 'OfferedConcurrency',
      Dimensions: [{ Name: 'Api', Value: 'iris' }],
      Statistic: 'Average',
    });
  });

  test.each<[Partial<ModelApiProps>, number]>([
    [{}, 0.7],
    [{ concurrency: 10 }, 7],
    [{ workers: 2, concurrency: 10 }, 14],
    [{ concurrency: 10, scaling: Scaling.onConcurrency({ targetUtilization: 0.5 }) }, 5],
  ])('with %j keeps %d requests in a replica', (props, target) => {
    expect(tracking(props).TargetValue).toBeCloseTo(target);
  });

  test("counts on the handler's own concurrency when the API does not say", () => {
    class Told extends ModelHandler {
      public _bind() {
        return { image: ContainerImage.fromRegistry('model'), samples: [], concurrency: 100 };
      }
    }
    expect(tracking({ handler: new Told() }).TargetValue).toBeCloseTo(70);
    expect(tracking({ handler: new Told(), concurrency: 10 }).TargetValue).toBeCloseTo(7);
  });

  test.each<[ConcurrencyScalingOptions, string]>([
    [{ targetUtilization: 0 }, 'targetUtilization must be above 0 and at most 1 (got 0)'],
    [{ targetUtilization: 1.1 }, 'targetUtilization must be above 0 and at most 1 (got 1.1)'],
    [
      { targetUtilization: Lazy.number({ produce: () => 0.5 }) },
      'targetUtilization must be known at synth: the scaling target is computed from it',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => replicas(options)).toThrow(`[Stack/Api] ${message}`);
  });
});

describe('a burst', () => {
  function burstOf(options: ConcurrencyScalingOptions = {}, concurrency = 10) {
    const template = declared({ concurrency, scaling: Scaling.onConcurrency(options) });
    const [policy] = policiesOf(template, 'StepScaling');
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    return { policy, alarms: alarms.filter(({ Period }) => Period === 10) };
  }

  test('is twice the target, seen in twenty seconds, and silence is none', () => {
    const { alarms } = burstOf();
    expect(alarms).toEqual([
      expect.objectContaining({
        MetricName: 'OfferedConcurrency',
        Statistic: 'Average',
        Threshold: 14,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        EvaluationPeriods: 3,
        DatapointsToAlarm: 2,
        TreatMissingData: 'notBreaching',
      }),
    ]);
    expect(alarms[0].AlarmActions).toEqual([{ Ref: expect.stringMatching(/^ApiServiceTaskCountBurst/) }]);
  });

  test('doubles the replicas, or quadruples them at four times the target, and never takes one away', () => {
    expect(burstOf().policy.StepScalingPolicyConfiguration).toEqual({
      AdjustmentType: 'PercentChangeInCapacity',
      MinAdjustmentMagnitude: 1,
      MetricAggregationType: 'Average',
      Cooldown: 180,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 14, ScalingAdjustment: 100 },
        { MetricIntervalLowerBound: 14, ScalingAdjustment: 300 },
      ],
    });
  });

  test('brings a replica back to its target at the foot of each step', () => {
    const { policy, alarms } = burstOf({ targetUtilization: 0.5 });
    for (const { MetricIntervalLowerBound, ScalingAdjustment } of policy.StepScalingPolicyConfiguration
      .StepAdjustments) {
      const offered = alarms[0].Threshold + MetricIntervalLowerBound;
      expect(offered / (1 + ScalingAdjustment / 100)).toBe(5);
    }
  });

  test('waits as long as a replica takes to start, where the cool-down says longer', () => {
    const slow = { scaleOutCooldown: Duration.minutes(10) };
    expect(burstOf(slow).policy.StepScalingPolicyConfiguration.Cooldown).toBe(600);
  });

  test('can be left to the rest', () => {
    expect(burstOf({ burst: false })).toEqual({ policy: undefined, alarms: [] });
  });
});

describe('Scaling.onRequests', () => {
  const scaling = Scaling.onRequests({ requestsPerMinute: 600 });

  test('follows the requests that replicas report, averaged', () => {
    expect(tracking({ apiName: 'iris', scaling })).toMatchObject({
      TargetValue: 100,
      CustomizedMetricSpecification: {
        Namespace: 'ModelApi',
        MetricName: 'Requests',
        Dimensions: [{ Name: 'Api', Value: 'iris' }],
        Statistic: 'Average',
      },
    });
  });

  test('is at its target when each replica gets its number: the average of what they report in a minute', () => {
    const reported = [new Metrics(), new Metrics(), new Metrics()].flatMap((replica) =>
      Array.from({ length: 6 }, () => {
        for (let request = 0; request < 100; request += 1) replica.answered(200, 1, false);
        return replica.takeWindow().requests;
      }),
    );
    const average = reported.reduce((sum, one) => sum + one, 0) / reported.length;
    expect(average).toBe(tracking({ scaling }).TargetValue);
  });

  test('counts refused requests, or a full queue would hide the load', () => {
    const replica = new Metrics();
    replica.shed('queue_requests');
    replica.answered(503, 1, true);
    expect(replica.takeWindow().requests).toBe(1);
  });

  test.each([
    [0, 'requestsPerMinute must be above 0 (got 0)'],
    [
      Lazy.number({ produce: () => 1 }),
      'requestsPerMinute must be known at synth: the scaling target is computed from it',
    ],
  ])('refuses %d', (requestsPerMinute, message) => {
    expect(() => declared({ scaling: Scaling.onRequests({ requestsPerMinute }) })).toThrow(`[Stack/Api] ${message}`);
  });
});

describe('Scaling.onCpu', () => {
  test.each([
    [undefined, 60],
    [0.55, 55],
    [1, 100],
  ])('with a share of %s keeps %d %', (targetUtilization, percent) => {
    expect(tracking({ scaling: Scaling.onCpu({ targetUtilization }) })).toMatchObject({
      TargetValue: percent,
      PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
    });
  });

  test('refuses percent, which are shares here', () => {
    expect(() => declared({ scaling: Scaling.onCpu({ targetUtilization: 60 }) })).toThrow(
      '[Stack/Api] targetUtilization must be above 0 and at most 1 (got 60)',
    );
  });
});

function backlog(statistic = 'Average'): Metric {
  return new Metric({ namespace: 'Mine', metricName: 'Backlog', dimensionsMap: { Model: 'iris' }, statistic });
}

describe('Scaling.onMetric', () => {
  test('keeps the metric at its target', () => {
    expect(tracking({ scaling: Scaling.onMetric({ metric: backlog(), target: 12.5 }) })).toMatchObject({
      TargetValue: 12.5,
      CustomizedMetricSpecification: {
        Namespace: 'Mine',
        MetricName: 'Backlog',
        Dimensions: [{ Name: 'Model', Value: 'iris' }],
        Statistic: 'Average',
      },
    });
  });

  test.each([
    [
      'math',
      { metric: new MathExpression({ expression: 'a / 2', usingMetrics: { a: backlog() } }), target: 1 },
      'metric must be one plain metric (got a math or search expression), for target tracking takes no other: emit the result as a metric, or give the expression to a step policy, scalableTaskCount.scaleOnMetric()',
    ],
    [
      'a percentile',
      { metric: backlog('p99'), target: 1 },
      'the statistic of metric must be one of Average, Minimum, Maximum, SampleCount, Sum (got p99)',
    ],
    ['a target of nothing', { metric: backlog(), target: 0 }, 'target must be above 0 (got 0)'],
  ])('refuses %s', (_, options, message) => {
    expect(() => declared({ scaling: Scaling.onMetric(options) })).toThrow(`[Stack/Api] ${message}`);
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
