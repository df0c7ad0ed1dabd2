/** Each alarm: when it rings, what its severities are called, what it says. */
import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { describe, expect, test } from 'vitest';
import { Monitoring, Scaling, type StandardMonitoringOptions } from '../../../lib';
import { LOAD_TIMES, minutesUntilRinging } from '../crash-loop';
import { apiIn, declared, only, stackIn } from '../declaration';
import { ALARM, alarm, COMPOSITE, expressionOf } from './alarm';

test('server errors: more than 5 % of requests in 3 of 5 minutes, and none when idle', () => {
  const found = alarm('ServerErrorsAlarm');
  expect(expressionOf(found)).toBe(
    'IF((requests - clientErrors) >= 10, 100 * serverErrors / (requests - clientErrors), 0)',
  );
  expect(found.Properties).toMatchObject({
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 5,
    EvaluationPeriods: 5,
    DatapointsToAlarm: 3,
    TreatMissingData: 'notBreaching',
  });
});

describe('a share', () => {
  test('is of the requests that could succeed: callers without a key or on a wrong path do not dilute it', () => {
    const slo = { availabilityPercent: 99 };
    for (const id of ['ServerErrorsAlarm', 'ShedAlarm', 'ShedAlarmCritical', 'BurnRateAlarmLong', 'SlowBurnAlarmShort'])
      expect(expressionOf(alarm(id, { slo })), id).toContain(' / (requests - clientErrors)');
  });

  test('is taken from as many requests a minute as are said, and from one on with 0', () => {
    const serverErrorsAlarm = { Critical: { maxErrorPercent: 5, minRequests: 100 } };
    const shedAlarm = { Critical: { maxShedPercent: 5, minRequests: 0 } };
    expect(expressionOf(alarm('ServerErrorsAlarm', { serverErrorsAlarm }))).toMatch(/^IF\(.+ >= 100, /);
    expect(expressionOf(alarm('ShedAlarmCritical', { shedAlarm }))).toMatch(/^IF\(.+ >= 1, /);
  });

  test('may have a least number that is known at deployment only', () => {
    const stack = stackIn();
    const minRequests = new CfnParameter(stack, 'Least', { type: 'Number' }).valueAsNumber;
    const serverErrorsAlarm = { Critical: { maxErrorPercent: 5, minRequests } };
    apiIn(stack, { monitoring: Monitoring.standard({ serverErrorsAlarm }) });
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain(' >= ",{"Ref":"Least"},", 100 * serverErrors');
  });
});

describe('latency', () => {
  test('rings before requests are cut off', () => {
    const { Properties } = alarm('LatencyAlarm', {}, { requestTimeout: Duration.seconds(10) });
    expect(Properties).toMatchObject({ MetricName: 'Latency', ExtendedStatistic: 'p99', Threshold: 9000 });
  });

  test('is measured against what is promised, or what is said for it', () => {
    const slo = { availabilityPercent: 99, latency: Duration.millis(250) };
    expect(alarm('LatencyAlarm', { slo }).Properties.Threshold).toBe(250);
    const latencyAlarm = { Critical: { maxLatency: Duration.seconds(2) } };
    expect(alarm('LatencyAlarm', { slo, latencyAlarm }).Properties.Threshold).toBe(2000);
  });
});

test('saturation: what is offered to a replica against what it runs at a time, over a quarter of an hour', () => {
  const saturationAlarm = { Warning: { maxUsagePercent: 150 } };
  const { Properties } = alarm('SaturationAlarm', { saturationAlarm }, { workers: 2, concurrency: 4 });
  expect(Properties).toMatchObject({
    MetricName: 'OfferedConcurrency',
    Statistic: 'Average',
    Threshold: 12,
    EvaluationPeriods: 15,
    DatapointsToAlarm: 12,
  });
  expect(Properties.AlarmDescription).toContain('more than 150 % of what one runs at a time (8). Warning.');
});

test('shed: a warning at the first refusals, critical above 5 %', () => {
  const thresholds = ['ShedAlarm', 'ShedAlarmCritical'].map((id) => alarm(id).Properties.Threshold);
  expect(thresholds).toEqual([0, 5]);
  expect(expressionOf(alarm('ShedAlarm'))).toBe(
    'IF((requests - clientErrors) >= 10, 100 * shed / (requests - clientErrors), 0)',
  );
});

describe('no ready replica', () => {
  test('three minutes without one, and silence is one too', () => {
    expect(alarm('NoReadyReplicasAlarm').Properties).toMatchObject({
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'HealthyHostCount',
      Statistic: 'Maximum',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 3,
      TreatMissingData: 'breaching',
    });
  });

  test('comes when the service is stable, so that a long first load is before its time', () => {
    expect(alarm('NoReadyReplicasAlarm').DependsOn).toContainEqual(expect.stringMatching(/^ApiService[0-9A-F]{8}$/));
    expect(alarm('LatencyAlarm').DependsOn).toBeUndefined();
  });

  test('may ask for more than one', () => {
    const noReadyReplicasAlarm = { Warning: { minReplicas: 2 } };
    expect(alarm('NoReadyReplicasAlarmWarning', { noReadyReplicasAlarm }).Properties.Threshold).toBe(2);
  });

  const schedule = Schedule.cron({ hour: '8', minute: '0' });
  const atNight = Scaling.onConcurrency({ minReplicas: 0, schedules: [{ schedule, minReplicas: 1 }] });

  test('is not there where scaling may have none, and is refused there', () => {
    expect(alarm('NoReadyReplicasAlarm', {}, { scaling: atNight })).toBeUndefined();
    expect(() => alarm('', { noReadyReplicasAlarm: { Critical: {} } }, { scaling: atNight })).toThrow(
      '[Stack/Api] noReadyReplicasAlarm would ring whenever scaling has taken the last replica away: leave it out, or let scaling keep one',
    );
  });
});

describe('connections that the load balancer cannot make', () => {
  test('are a warning in 3 of 5 minutes, by target group and load balancer', () => {
    const { Properties } = alarm('TargetConnectionErrorsAlarm');
    expect(Properties).toMatchObject({
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'TargetConnectionErrorCount',
      Statistic: 'Sum',
      Period: 60,
      Threshold: 0,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
      TreatMissingData: 'notBreaching',
    });
    expect(Properties.Dimensions.map(({ Name }: { Name: string }) => Name).sort()).toEqual([
      'LoadBalancer',
      'TargetGroup',
    ]);
  });

  test('may be more, and worse', () => {
    const targetConnectionErrorsAlarm = { Critical: { maxConnectionErrors: 20 } };
    const { Threshold } = alarm('TargetConnectionErrorsAlarmCritical', { targetConnectionErrorsAlarm }).Properties;
    expect(Threshold).toBe(20);
  });
});

describe('crash loop', () => {
  test('more than 2 workers replaced in a quarter of an hour', () => {
    expect(alarm('WorkerRestartsAlarm').Properties).toMatchObject({
      MetricName: 'WorkerRestarts',
      Statistic: 'Sum',
      Period: 900,
      Threshold: 2,
      EvaluationPeriods: 1,
    });
  });

  test.each([...LOAD_TIMES, 360])('rings for a model that loads in %s s', (loadSeconds) => {
    const { Properties } = alarm('WorkerRestartsAlarm');
    expect(minutesUntilRinging(Properties, loadSeconds)).toBeLessThanOrEqual(2 + Math.ceil((2 * loadSeconds) / 60));
  });
});

describe('a failed deployment', () => {
  test('is counted by a rule for this service alone, which calls nobody', () => {
    const template = declared();
    expect(only(template, 'AWS::Events::Rule')).toEqual({
      Description: 'Counts failed deployments of a model API for its alarm',
      EventPattern: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Deployment State Change'],
        resources: [{ Ref: expect.stringMatching(/^ApiService[0-9A-F]{8}$/) }],
        detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
      },
      State: 'ENABLED',
    });
    template.hasResourceProperties(ALARM, {
      Namespace: 'AWS/Events',
      MetricName: 'TriggeredRules',
      Dimensions: [{ Name: 'RuleName', Value: { Ref: Match.stringLikeRegexp('DeploymentFailedRule') } }],
      Statistic: 'Sum',
      Threshold: 0,
    });
  });

  test('has one rule for all severities, and none without an alarm', () => {
    const maps: StandardMonitoringOptions['deploymentFailedAlarm'][] = [{ Warning: {}, Critical: {} }, {}];
    const rules = maps.map((deploymentFailedAlarm) => {
      const template = declared({ monitoring: Monitoring.standard({ deploymentFailedAlarm }) });
      return Object.keys(template.findResources('AWS::Events::Rule')).length;
    });
    expect(rules).toEqual([1, 0]);
  });
});

describe('severities', () => {
  test("an alarm keeps its id under its own severity, and adds any other's name", () => {
    const both = { Warning: { maxErrorPercent: 1 }, Critical: { maxErrorPercent: 10 } };
    expect(alarm('ServerErrorsAlarm', { serverErrorsAlarm: both }).Properties.Threshold).toBe(10);
    expect(alarm('ServerErrorsAlarmWarning', { serverErrorsAlarm: both }).Properties.Threshold).toBe(1);
  });

  test('an empty map turns an alarm off', () => {
    const kinds = ['ServerErrors', 'Latency', 'Saturation', 'Shed', 'NoReadyReplicas', 'WorkerRestarts'];
    for (const id of [...kinds, 'TargetConnectionErrors', 'DeploymentFailed']) {
      const option = `${id.charAt(0).toLowerCase()}${id.slice(1)}Alarm`;
      expect(alarm(`${id}Alarm`), id).toBeDefined();
      expect(alarm(`${id}Alarm`, { [option]: {} }), id).toBeUndefined();
    }
  });

  test('how long it must last is set for each, and periods alone mean all of them', () => {
    const latencyAlarm = {
      Critical: { evaluationPeriods: 2 },
      Warning: { evaluationPeriods: 9, datapointsToAlarm: 4 },
    };
    const lasting = ['LatencyAlarm', 'LatencyAlarmWarning'].map((id) => alarm(id, { latencyAlarm }).Properties);
    expect(lasting).toMatchObject([
      { EvaluationPeriods: 2, DatapointsToAlarm: 2 },
      { EvaluationPeriods: 9, DatapointsToAlarm: 4 },
    ]);
  });

  test('a threshold may be known at deployment only, and is not printed as its placeholder', () => {
    const stack = stackIn();
    const percent = new CfnParameter(stack, 'Percent', { type: 'Number' });
    const serverErrorsAlarm = { Critical: { maxErrorPercent: percent.valueAsNumber } };
    apiIn(stack, { monitoring: Monitoring.standard({ serverErrorsAlarm }) });
    Template.fromStack(stack).hasResourceProperties(ALARM, {
      Threshold: { Ref: 'Percent' },
      AlarmDescription: {
        'Fn::Join': ['', [Match.stringLikeRegexp('more than $'), { Ref: 'Percent' }, Match.anyValue()]],
      },
    });
  });
});

describe('what an alarm says', () => {
  test('which API, what, its threshold, how bad, and where to read on', () => {
    const { AlarmDescription } = alarm('ServerErrorsAlarm').Properties;
    expect(AlarmDescription).toMatch(
      /^Stack-Api-\w+: more than 5 % of requests are answered with a 5xx code\. Critical\. Runbook: https:\/\/github\.com\/cdk-model-api\/cdk-model-api\/blob\/main\/docs\/runbook\.md#servererrorsalarm$/,
    );
  });

  test('leads to a runbook of your own', () => {
    const runbookUrl = 'https://wiki.example/iris';
    for (const id of ['ShedAlarmCritical', 'BurnRateAlarm', 'BurnRateAlarmLong']) {
      const slo = { availabilityPercent: 99 };
      expect(alarm(id, { runbookUrl, slo }).Properties.AlarmDescription).toMatch(
        /Runbook: https:\/\/wiki\.example\/iris#(shed|burnrate)alarm$/,
      );
    }
  });

  test('fits CloudWatch, also under the longest name', () => {
    const stack = new Stack();
    apiIn(stack, { apiName: 'n'.repeat(255), monitoring: Monitoring.standard({ slo: { availabilityPercent: 99 } }) });
    const alarms = [ALARM, COMPOSITE].flatMap((type) => Object.values(Template.fromStack(stack).findResources(type)));
    for (const { Properties } of alarms) expect(Properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
  });
});
