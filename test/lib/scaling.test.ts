/** How many replicas run, and what they follow. */
import { Duration, Lazy } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import {
  type BatchingOptions,
  Compute,
  type ConcurrencyScalingOptions,
  type ModelApiProps,
  ModelHandler,
  Scaling,
  type ScalingOptions,
} from '../../lib';
import { Metrics } from '../../runtime/gateway/metrics';
import { declared, ENV, only } from './declaration';

const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';
const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';

const WORKDAYS = Schedule.cron({ weekDay: 'MON-FRI', hour: '7', minute: '0' });

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
    [{}, 0.75],
    [{ concurrency: 10 }, 7.5],
    [{ concurrency: 3 }, 2.25],
    [{ workers: 2, concurrency: 10 }, 15],
    [{ concurrency: 10, scaling: Scaling.onConcurrency({ targetUtilization: 0.5 }) }, 5],
  ])('with %j keeps %d requests in a replica', (props, target) => {
    expect(tracking(props).TargetValue).toBe(target);
  });

  class Told extends ModelHandler {
    constructor(private readonly told: { concurrency?: number; batching?: BatchingOptions }) {
      super();
    }

    public _bind() {
      return { image: ContainerImage.fromRegistry('model'), samples: [], ...this.told };
    }
  }

  test("counts on the handler's own concurrency when the API does not say", () => {
    const handler = new Told({ concurrency: 100 });
    expect(tracking({ handler }).TargetValue).toBe(75);
    expect(tracking({ handler, concurrency: 10 }).TargetValue).toBe(7.5);
  });

  test.each<[BatchingOptions, Partial<ModelApiProps>, number]>([
    [{ maxBatchSize: 10 }, {}, 7.5],
    [{}, {}, 48],
    [{ maxBatchSize: 10 }, { workers: 3 }, 22.5],
    [{ maxBatchSize: 10 }, { concurrency: 4 }, 3],
    [{ maxBatchSize: 1 }, {}, 0.75],
  ])('counts a whole batch a worker of a handler that batches by %j, unless the API says otherwise: %j', (...row) => {
    const [batching, props, target] = row;
    expect(tracking({ handler: new Told({ batching }), ...props }).TargetValue).toBe(target);
  });

  test('counts what the handler says of its concurrency before its batches', () => {
    const handler = new Told({ concurrency: 5, batching: { maxBatchSize: 10 } });
    expect(tracking({ handler }).TargetValue).toBe(3.75);
  });

  test.each([
    [256, 0.75],
    [1024, 0.75],
    [2048, 0.75],
    [4096, 2.25],
    [16_384, 11.25],
  ])('counts a worker for each vCPU but one of %i units', (cpu, target) => {
    expect(tracking({ autoWorkers: true, compute: Compute.fargate({ cpu }) }).TargetValue).toBe(target);
  });

  test.each<[ConcurrencyScalingOptions, string]>([
    [{ targetUtilization: 0 }, 'targetUtilization must be above 0 and at most 1 (got 0)'],
    [{ targetUtilization: 1.1 }, 'targetUtilization must be above 0 and at most 1 (got 1.1)'],
    [
      { targetUtilization: Lazy.number({ produce: () => 0.5 }) },
      'targetUtilization must be known at synth: the scaling target is computed from it',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => declared({ scaling: Scaling.onConcurrency(options) })).toThrow(`[Stack/Api] ${message}`);
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
        Threshold: 15,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        EvaluationPeriods: 3,
        DatapointsToAlarm: 2,
        TreatMissingData: 'notBreaching',
      }),
    ]);
    expect(alarms[0].AlarmActions).toEqual([{ Ref: expect.stringMatching(/^ApiServiceTaskCountBurst/) }]);
  });

  test('doubles the replicas, quadruples them at four times the target, multiplies them at thirty-two, and never takes one away', () => {
    expect(burstOf().policy.StepScalingPolicyConfiguration).toEqual({
      AdjustmentType: 'PercentChangeInCapacity',
      MinAdjustmentMagnitude: 1,
      MetricAggregationType: 'Average',
      Cooldown: 180,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 15, ScalingAdjustment: 100 },
        { MetricIntervalLowerBound: 15, MetricIntervalUpperBound: 225, ScalingAdjustment: 300 },
        { MetricIntervalLowerBound: 225, ScalingAdjustment: 3_100 },
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
        for (let request = 0; request < 100; request += 1) replica.answered(200, 1);
        return replica.takeWindow().requests;
      }),
    );
    const average = reported.reduce((sum, one) => sum + one, 0) / reported.length;
    expect(average).toBe(tracking({ scaling }).TargetValue);
  });

  test('counts refused requests, or a full queue would hide the load', () => {
    const replica = new Metrics();
    replica.shed('queue_requests');
    replica.answered(503, 1, 'shed');
    expect(replica.takeWindow().requests).toBe(1);
  });

  test.each([
    [0, 'requestsPerMinute must be a number above 0 (got 0)'],
    [Number.NaN, 'requestsPerMinute must be a number above 0 (got NaN)'],
    [undefined as never, 'requestsPerMinute must be a number above 0 (got undefined)'],
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
    ['a target of nothing', { metric: backlog(), target: 0 }, 'target must be a number above 0 (got 0)'],
    ['no target', { metric: backlog() } as never, 'target must be a number above 0 (got undefined)'],
    [
      'no metric',
      { target: 1 } as never,
      "metric must be a metric, such as new Metric({ namespace: 'Mine', metricName: 'Backlog' }) (got undefined)",
    ],
    [
      'a metric of another region',
      { metric: backlog().with({ region: 'us-east-1' }), target: 1 },
      'metric is of the region us-east-1, and target tracking reads those of its own alone (eu-west-1): emit it there',
    ],
    [
      'a metric of another account',
      { metric: backlog().with({ account: '210987654321' }), target: 1 },
      'metric is of the account 210987654321, and target tracking reads those of its own alone (123456789012): emit it there',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => declared({ scaling: Scaling.onMetric(options) })).toThrow(`[Stack/Api] ${message}`);
  });

  test('takes a metric that says the region and account of the API', () => {
    const metric = backlog().with(ENV);
    expect(() => tracking({ scaling: Scaling.onMetric({ metric, target: 1 }) })).not.toThrow();
  });
});
