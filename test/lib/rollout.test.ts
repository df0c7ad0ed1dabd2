/** How a new version takes the place of the old one, and what takes it back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lazy, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, test } from 'vitest';
import { Compute, type ModelApiProps, Monitoring, type RollingOptions, Rollout } from '../../lib';
import type { ComputeBinding } from '../../lib/compute/binding';
import { testApp } from './assembly';
import { LOAD_TIMES, minutesUntilRinging } from './crash-loop';
import { apiIn, declared, only, stackIn, warningsOf } from './declaration';

const SERVICE = 'AWS::ECS::Service';
const OWN = /-Api-Rollout-[0-9A-F]{8}-(ServerErrors|WorkerRestarts)Alarm$/;

function deployment(options?: RollingOptions, props: Partial<ModelApiProps> = {}) {
  return only(declared({ rollout: Rollout.rolling(options), ...props }), SERVICE).DeploymentConfiguration;
}

/** Of the rollout alone. */
// biome-ignore lint/suspicious/noExplicitAny: properties are as their type has them.
function alarmsOf(template: Template): any[] {
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
  return alarms.filter(({ AlarmName }) => OWN.test(AlarmName));
}

function alarmIn(stack: Stack, id = 'Mine'): Alarm {
  return new Alarm(stack, id, {
    metric: new Metric({ namespace: 'Mine', metricName: 'Complaints' }),
    threshold: 1,
    evaluationPeriods: 1,
  });
}

/** Machines of which there are as many as there are replicas. */
class NoRoom extends Compute {
  public _bind(scope: Stack): ComputeBinding {
    return { ...Compute.fargate()._bind(scope), hasSpareCapacity: false };
  }
}

describe('how many replicas', () => {
  test.each<[RollingOptions | undefined, [number, number], string]>([
    [undefined, [100, 200], 'ENABLED'],
    [{ minHealthyPercent: 50, maxHealthyPercent: 150 }, [50, 150], 'ENABLED'],
    [{ minHealthyPercent: 0, maxHealthyPercent: 100 }, [0, 100], 'DISABLED'],
    [{ maxHealthyPercent: 101 }, [100, 101], 'ENABLED'],
  ])('with %j run during a deployment: %j percent, zones balanced: %s', (options, percent, balancing) => {
    const service = only(declared({ rollout: options && Rollout.rolling(options) }), SERVICE);
    const { MinimumHealthyPercent, MaximumPercent } = service.DeploymentConfiguration;
    expect([MinimumHealthyPercent, MaximumPercent]).toEqual(percent);
    expect(service.AvailabilityZoneRebalancing).toBe(balancing);
  });

  test('without room beside the old ones new replicas come after them', () => {
    const service = only(declared({ compute: new NoRoom() }), SERVICE);
    expect(service.DeploymentConfiguration).toMatchObject({ MinimumHealthyPercent: 0, MaximumPercent: 100 });
    expect(service.AvailabilityZoneRebalancing).toBe('DISABLED');
  });

  test('may be known at deployment only', () => {
    const late = (value: number) => Lazy.number({ produce: () => value });
    const options = { minHealthyPercent: late(50), maxHealthyPercent: late(150) };
    expect(deployment(options)).toMatchObject({ MinimumHealthyPercent: 50, MaximumPercent: 150 });
  });

  test.each<[RollingOptions, string]>([
    [{ minHealthyPercent: 101 }, 'minHealthyPercent must be an integer from 0 to 100 (got 101)'],
    [{ minHealthyPercent: -1 }, 'minHealthyPercent must be an integer from 0 to 100 (got -1)'],
    [{ maxHealthyPercent: 99 }, 'maxHealthyPercent must be an integer of at least 100 (got 99)'],
    [
      { maxHealthyPercent: 100 },
      'maxHealthyPercent (100) must be above minHealthyPercent (100), or neither may a new replica start nor an old one stop: raise the one or lower the other',
    ],
    [{ rollbackErrorPercent: 0 }, 'rollbackErrorPercent must be above 0 and below 100 (got 0)'],
    [
      { rollbackErrorPercent: 3, rollbackOnErrors: false },
      'rollbackErrorPercent (3) has no effect with rollbackOnErrors false: leave one of the two out',
    ],
    [{ rollbackMinRequests: -1 }, 'rollbackMinRequests must be an integer of at least 0 (got -1)'],
    [
      { rollbackMinRequests: 3, rollbackOnErrors: false },
      'rollbackMinRequests (3) has no effect with rollbackOnErrors false: leave one of the two out',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => deployment(options)).toThrow(`[Stack/Api] ${message}`);
  });

  test.each<[RollingOptions, string]>([
    [{ maxHealthyPercent: 150 }, 'fewer than 2 replicas'],
    [{ maxHealthyPercent: 125, minHealthyPercent: 90 }, 'fewer than 4 replicas'],
    [{ maxHealthyPercent: 100, minHealthyPercent: 99 }, 'fewer than 100 replicas'],
  ])('%j moves nothing with %s, and says so', (options, fewer) => {
    const stack = stackIn();
    const api = apiIn(stack, { rollout: Rollout.rolling(options) });
    Template.fromStack(stack);
    expect(warningsOf(stack)).toEqual(['cdk-model-api:rolloutStandsStill']);
    expect(JSON.stringify(api.node.metadata)).toContain(fewer);
  });
});

describe('a bad version', () => {
  test('is taken back when it does not become ready, and on its own two alarms', () => {
    const { DeploymentCircuitBreaker, Alarms } = deployment();
    expect(DeploymentCircuitBreaker).toEqual({ Enable: true, Rollback: true });
    expect(Alarms).toEqual({
      AlarmNames: [
        expect.stringMatching(/^Stack-Api-Rollout-[0-9A-F]{8}-ServerErrorsAlarm$/),
        expect.stringMatching(/^Stack-Api-Rollout-[0-9A-F]{8}-WorkerRestartsAlarm$/),
      ],
      Enable: true,
      Rollback: true,
    });
  });

  test('is one that answers more than one request of twenty with 5xx in two minutes of three', () => {
    const template = declared({ apiName: 'iris' });
    const [errors] = alarmsOf(template);
    expect(errors).toMatchObject({
      Threshold: 5,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
    });
    const [share, ...counts] = errors.Metrics;
    expect(share.Expression).toBe(
      'IF((requests - clientErrors) >= 10, 100 * serverErrors / (requests - clientErrors), 0)',
    );
    expect(
      counts.map(({ Id, MetricStat }: { Id: string; MetricStat: { Metric: object } }) => [Id, MetricStat]),
    ).toEqual(
      ['Requests', 'ClientErrors', 'ServerErrors'].map((name) => [
        `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
        {
          Metric: { Namespace: 'ModelApi', MetricName: name, Dimensions: [{ Name: 'Api', Value: 'iris' }] },
          Period: 60,
          Stat: 'Sum',
        },
      ]),
    );
  });

  test('is one that kills workers again and again, however few requests die with them', () => {
    const [, restarts] = alarmsOf(declared({ apiName: 'iris' }));
    expect(restarts).toMatchObject({
      Namespace: 'ModelApi',
      MetricName: 'WorkerRestarts',
      Dimensions: [{ Name: 'Api', Value: 'iris' }],
      Statistic: 'Sum',
      Threshold: 3,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test.each(LOAD_TIMES)('is one whose only worker dies with each first request and loads for %s s', (loadSeconds) => {
    const [, restarts] = alarmsOf(declared());
    expect(minutesUntilRinging(restarts, loadSeconds)).toBeLessThanOrEqual(2 + Math.ceil((2 * loadSeconds) / 60));
  });

  test('is proved by as many requests a minute as are said, and by any one with 0', () => {
    const least = [25, 0].map((rollbackMinRequests) => {
      const [errors] = alarmsOf(declared({ rollout: Rollout.rolling({ rollbackMinRequests }) }));
      return /^IF\(\(requests - clientErrors\) >= (\d+),/.exec(errors.Metrics[0].Expression)?.[1];
    });
    expect(least).toEqual(['25', '1']);
  });

  test('may be one by a share of your own', () => {
    const [errors] = alarmsOf(declared({ rollout: Rollout.rolling({ rollbackErrorPercent: 0.5 }) }));
    expect(errors.Threshold).toBe(0.5);
    expect(errors.AlarmDescription).toContain('more than 0.5 % of requests');
  });

  test('is taken back without any monitoring too', () => {
    const template = declared({ monitoring: Monitoring.none() });
    expect(alarmsOf(template)).toHaveLength(2);
    expect(only(template, SERVICE).DeploymentConfiguration.Alarms.AlarmNames).toHaveLength(2);
  });

  test('is taken back on alarms of your own, beside the others', () => {
    const stack = stackIn();
    apiIn(stack, { rollout: Rollout.rolling({ rollbackAlarms: [alarmIn(stack)] }) });
    const { AlarmNames } = only(Template.fromStack(stack), SERVICE).DeploymentConfiguration.Alarms;
    expect(AlarmNames).toEqual([
      expect.stringMatching(OWN),
      expect.stringMatching(OWN),
      { Ref: expect.stringMatching(/^Mine/) },
    ]);
  });
});

describe('the service', () => {
  /** Logical ids of the alarms that the service waits for. */
  function waitedFor(template: Template): string[] {
    const [service] = Object.values(template.findResources(SERVICE));
    const alarms = Object.keys(template.findResources('AWS::CloudWatch::Alarm'));
    return alarms.filter((id) => service?.DependsOn.includes(id));
  }

  test('comes after the alarms, which ECS wants to exist', () => {
    const stack = stackIn();
    apiIn(stack, { rollout: Rollout.rolling({ rollbackAlarms: [alarmIn(stack)] }) });
    expect(waitedFor(Template.fromStack(stack)).sort()).toEqual([
      expect.stringMatching(/^ApiRolloutServerErrorsAlarm/),
      expect.stringMatching(/^ApiRolloutWorkerRestartsAlarm/),
      expect.stringMatching(/^Mine/),
    ]);
  });

  test('is not named by its own alarms, or the two would wait for each other', () => {
    expect(JSON.stringify(alarmsOf(declared()))).not.toMatch(/"(Ref|Fn::GetAtt)"/);
  });

  test('takes alarms of other stacks and of other apps', () => {
    const app = testApp();
    const theirs = stackIn(app, 'Theirs');
    const ours = stackIn(app, 'Ours');
    const imported = Alarm.fromAlarmArn(ours, 'Imported', 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:known');
    apiIn(ours, { rollout: Rollout.rolling({ rollbackAlarms: [alarmIn(theirs), imported] }) });
    const { AlarmNames } = only(Template.fromStack(ours), SERVICE).DeploymentConfiguration.Alarms;
    expect(AlarmNames.slice(2)).toEqual([expect.objectContaining({ 'Fn::ImportValue': expect.anything() }), 'known']);
    expect(ours.dependencies).toContain(theirs);
  });
});

describe('without any alarm', () => {
  const NONE = Rollout.rolling({ rollbackOnErrors: false });
  const FLAG = '@aws-cdk/aws-ecs:removeDefaultDeploymentAlarm';

  test('the circuit breaker is left, and no alarm is defined', () => {
    const template = declared({ rollout: NONE });
    expect(alarmsOf(template)).toEqual([]);
    expect(only(template, SERVICE).DeploymentConfiguration.DeploymentCircuitBreaker.Rollback).toBe(true);
  });

  test('the feature flag of the CDK decides whether the property is there', () => {
    const flags = readFileSync(join(require.resolve('aws-cdk-lib/package.json'), '../recommended-feature-flags.json'));
    expect(JSON.parse(flags.toString())).toHaveProperty([FLAG]);
    const alarmsWith = (context: Record<string, unknown>, rollout: Rollout) => {
      const stack = stackIn(testApp({ context }));
      apiIn(stack, { rollout });
      return only(Template.fromStack(stack), SERVICE).DeploymentConfiguration.Alarms;
    };
    expect(alarmsWith({ [FLAG]: true }, NONE)).toBeUndefined();
    expect(alarmsWith({ [FLAG]: false }, NONE)).toEqual({ AlarmNames: [], Enable: false, Rollback: false });
    for (const flag of [true, false]) {
      expect(alarmsWith({ [FLAG]: flag }, Rollout.rolling()).AlarmNames).toHaveLength(2);
    }
  });
});
