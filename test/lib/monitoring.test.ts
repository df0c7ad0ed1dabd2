/** What a monitoring defines, who is told, and what it refuses. */
import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { type AlarmActionStrategyProps, Monitoring, type StandardMonitoringOptions } from '../../lib';
import { METRICS } from '../../runtime/contract/metrics';
import { testApp } from './assembly';
import { apiIn, declared, ENV, only, stackIn, warningsOf } from './declaration';
import { GpuCompute } from './gpu-compute';

const ALARM = 'AWS::CloudWatch::Alarm';
const COMPOSITE = 'AWS::CloudWatch::CompositeAlarm';
const DASHBOARD = 'AWS::CloudWatch::Dashboard';

/** An API that is watched so, and its template. */
function watched(options: StandardMonitoringOptions = {}) {
  const stack = stackIn();
  const api = apiIn(stack, { monitoring: Monitoring.standard(options) });
  return { api, template: Template.fromStack(stack) };
}

/** The alarms that monitoring defined, by their logical ids; rollout and scaling have some of their own. */
function alarmsIn(template: Template) {
  const all = [ALARM, COMPOSITE].flatMap((type) => Object.entries(template.findResources(type)));
  return all.filter(([id]) => !/^Api(Rollout|Service)/.test(id));
}

/** Ids of an API's alarms, composite ones too, as constructs have them. */
function alarmIds(options?: StandardMonitoringOptions): string[] {
  return watched(options).api.alarms.map(({ node }) => node.id);
}

/** Names of the metrics of our own namespace, wherever a template mentions them. */
function metricsIn(value: unknown): string[] {
  const text = JSON.stringify(value);
  const alarmed = [...text.matchAll(/"MetricName":"(\w+)","Namespace":"ModelApi"/g)];
  const drawn = [...text.matchAll(/\[\\+"ModelApi\\+",\\+"(\w+)\\+"/g)];
  return [...alarmed, ...drawn].map(([, name]) => name as string);
}

describe('Monitoring.standard', () => {
  test('every metric that replicas emit is shown, and no other is named', () => {
    const emitted = Object.values(METRICS).map(({ emf }) => emf);
    const template = declared({ compute: new GpuCompute() });
    expect([...new Set(metricsIn(template.toJSON()))].sort()).toEqual([...emitted].sort());
  });

  test('tells of failing, slow, full, refusing, absent, unreachable and crashing replicas, and of failed deployments', () => {
    expect(alarmIds()).toEqual([
      'ServerErrorsAlarm',
      'LatencyAlarm',
      'SaturationAlarm',
      'ShedAlarm',
      'ShedAlarmCritical',
      'NoReadyReplicasAlarm',
      'TargetConnectionErrorsAlarm',
      'WorkerRestartsAlarm',
      'DeploymentFailedAlarm',
    ]);
  });

  test('has an alarm that rings while any critical one does, under a name of the stack, and tells nobody', () => {
    const { api, template } = watched();
    const { AlarmName, AlarmRule, AlarmActions } = only(template, COMPOSITE);
    const arns = AlarmRule['Fn::Join'][1].filter((part: unknown) => typeof part === 'object');
    const ids = arns.map((arn: { 'Fn::GetAtt': [string] }) => arn['Fn::GetAtt'][0].replace(/^Api|\w{8}$/g, ''));
    expect(ids).toEqual(['ServerErrorsAlarm', 'LatencyAlarm', 'ShedAlarmCritical', 'NoReadyReplicasAlarm']);
    expect(AlarmRule['Fn::Join'][1].join()).toContain('") OR ALARM("');
    expect([AlarmName, AlarmActions]).toEqual([`${api.apiName}-CompositeAlarm`, undefined]);
    expect(api.compositeAlarm?.node.path).toBe('Stack/Api/CompositeAlarm');
  });

  test('the same app, deployed a second time under another name, has composite alarms of its own', () => {
    const names = ['staging', 'production'].map((stackName) => {
      const stack = new Stack(testApp(), 'Stack', { env: ENV, stackName });
      apiIn(stack);
      return only(Template.fromStack(stack), COMPOSITE).AlarmName;
    });
    expect(names).toEqual([expect.stringMatching(/^staging-/), expect.stringMatching(/^production-/)]);
  });

  test('has nothing to warn of, with an objective either', () => {
    const stack = stackIn();
    const monitoring = Monitoring.standard({ slo: { availabilityPercent: 99.9, latency: Duration.seconds(1) } });
    apiIn(stack, { monitoring });
    expect(warningsOf(stack)).toEqual([]);
  });

  test('without a critical alarm there is no alarm of them', () => {
    const { api, template } = watched({
      serverErrorsAlarm: {},
      latencyAlarm: {},
      shedAlarm: {},
      noReadyReplicasAlarm: { Warning: {} },
    });
    template.resourceCountIs(COMPOSITE, 0);
    expect(api.compositeAlarm).toBeUndefined();
  });
});

describe('who is told', () => {
  test('nobody, unless it is said', () => {
    const { template } = watched({ slo: { availabilityPercent: 99.9 } });
    const telling = alarmsIn(template).filter(([, { Properties }]) => Properties.AlarmActions ?? Properties.OKActions);
    expect(telling).toEqual([]);
  });

  test('a topic hears when an alarm rings and when it is over, and never of one thing twice', () => {
    const stack = stackIn();
    const topic = new Topic(stack, 'Topic');
    const api = apiIn(stack, { monitoring: Monitoring.standard({ topic, slo: { availabilityPercent: 99.9 } }) });
    const template = Template.fromStack(stack);
    const telling = alarmsIn(template).filter(([, { Properties }]) => Properties.AlarmActions);
    expect(telling.map(([id]) => id.replace(/^Api|\w{8}$/g, '')).sort()).toEqual(
      api.alarms.map(({ node }) => node.id).sort(),
    );
    for (const [, { Properties }] of telling) expect(Properties.OKActions).toEqual(Properties.AlarmActions);
  });

  test('a strategy of your own is asked for each alarm, with its severity and its API', () => {
    const asked: AlarmActionStrategyProps[] = [];
    const { api } = watched({
      actions: { addAlarmActions: (props) => asked.push(props) },
      shedAlarm: { Ticket: { maxShedPercent: 1 } },
      slo: { availabilityPercent: 99.9 },
    });
    expect(asked.map(({ alarm }) => alarm)).toEqual(api.alarms);
    expect(new Set(asked.map(({ apiName }) => apiName))).toEqual(new Set([api.apiName]));
    const told = asked.map(({ alarmType, severity }) => `${severity} ${alarmType}`);
    expect(told).toContain('Ticket ShedAlarm');
    expect(told).toContain('Warning BurnRateAlarm');
    expect(told).toContain('Warning SlowBurnAlarm');
  });

  test('an alarm without actions tells neither, and counts in the composite alarm all the same', () => {
    const stack = stackIn();
    const topic = new Topic(stack, 'Topic');
    const asked: string[] = [];
    const actions = { addAlarmActions: ({ alarmType }: AlarmActionStrategyProps) => asked.push(alarmType) };
    const latencyAlarm = { Critical: { actionsEnabled: false } };
    apiIn(stack, { monitoring: Monitoring.standard({ topic, actions, latencyAlarm }) });
    const template = Template.fromStack(stack);
    const [latency] = Object.values(template.findResources(ALARM, { Properties: { MetricName: 'Latency' } }));
    expect(latency?.Properties).toMatchObject({ ActionsEnabled: false });
    expect(latency?.Properties.AlarmActions).toBeUndefined();
    expect(asked).not.toContain('LatencyAlarm');
    expect(JSON.stringify(only(template, COMPOSITE).AlarmRule)).toContain('ApiLatencyAlarm');
  });
});

test('Monitoring.none defines neither alarm, dashboard, query nor rule, and names no dashboard', () => {
  const template = declared({ monitoring: Monitoring.none() });
  expect(alarmsIn(template)).toEqual([]);
  for (const type of [DASHBOARD, 'AWS::Logs::QueryDefinition', 'AWS::Events::Rule']) {
    template.resourceCountIs(type, 0);
  }
  expect(Object.keys(template.findOutputs('*')).join()).not.toContain('Dashboard');
});

describe('what is refused', () => {
  const refused: [string, StandardMonitoringOptions, string][] = [
    [
      'a severity that is no word',
      { shedAlarm: { 'very bad': { maxShedPercent: 1 } } },
      'a severity of shedAlarm must be a word of letters and digits, such as Warning or Critical (got "very bad")',
    ],
    [
      'a share of everything',
      { serverErrorsAlarm: { Critical: { maxErrorPercent: 100 } } },
      'serverErrorsAlarm.Critical.maxErrorPercent must be from 0 to below 100 (got 100)',
    ],
    [
      'a negative share',
      { shedAlarm: { Warning: { maxShedPercent: -1 } } },
      'shedAlarm.Warning.maxShedPercent must be from 0 to below 100 (got -1)',
    ],
    [
      'a latency at which requests are cut off',
      { latencyAlarm: { Critical: { maxLatency: Duration.seconds(55) } } },
      'latencyAlarm.Critical.maxLatency must be above 0 and below requestTimeout, 55 s, at which requests are cut off (got 55000 ms)',
    ],
    [
      'a use of nothing',
      { saturationAlarm: { Warning: { maxUsagePercent: 0 } } },
      'saturationAlarm.Warning.maxUsagePercent must be above 0 (got 0)',
    ],
    [
      'no replica as the fewest',
      { noReadyReplicasAlarm: { Critical: { minReplicas: 0 } } },
      'noReadyReplicasAlarm.Critical.minReplicas must be an integer of at least 1 (got 0)',
    ],
    [
      'half a restart',
      { workerRestartsAlarm: { Warning: { maxRestarts: 0.5 } } },
      'workerRestartsAlarm.Warning.maxRestarts must be an integer of at least 0 (got 0.5)',
    ],
    [
      'fewer than no failed connections',
      { targetConnectionErrorsAlarm: { Warning: { maxConnectionErrors: -1 } } },
      'targetConnectionErrorsAlarm.Warning.maxConnectionErrors must be an integer of at least 0 (got -1)',
    ],
    [
      'fewer than no requests',
      { serverErrorsAlarm: { Critical: { maxErrorPercent: 5, minRequests: -1 } } },
      'serverErrorsAlarm.Critical.minRequests must be an integer of at least 0 (got -1)',
    ],
    [
      'fewest requests that cannot be scaled to a window',
      {
        slo: { availabilityPercent: 99 },
        burnRateAlarm: { Critical: { ...burning(2), minRequests: Lazy.number({ produce: () => 5 }) } },
      },
      'burnRateAlarm.Critical.minRequests must be known at synth: it is scaled to the long window',
    ],
    [
      'a slow burn of nothing promised',
      { slowBurnAlarm: { Warning: burning(1) } },
      'slowBurnAlarm.Warning needs slo: without an objective there is no error budget to spend',
    ],
    [
      'a window of more than a week',
      { slo: { availabilityPercent: 99 }, slowBurnAlarm: { Warning: burning(1, Duration.days(8)) } },
      'slowBurnAlarm.Warning.longWindow must be whole minutes, from one to a week (got 691200 s)',
    ],
    [
      'no period',
      { deploymentFailedAlarm: { Warning: { evaluationPeriods: 0 } } },
      'deploymentFailedAlarm.Warning.evaluationPeriods must be an integer of at least 1 (got 0)',
    ],
    [
      'more bad periods than periods',
      { latencyAlarm: { Critical: { datapointsToAlarm: 6 } } },
      'latencyAlarm.Critical.datapointsToAlarm (6) must not exceed evaluationPeriods (5)',
    ],
    [
      'a promise that cannot be broken fast',
      { slo: { availabilityPercent: 90 } },
      'slo.availabilityPercent must be from 94 to below 100 percent, such as 99.9 (got 90)',
    ],
    [
      'a promise without a budget',
      { slo: { availabilityPercent: 100 } },
      'slo.availabilityPercent must be from 94 to below 100 percent, such as 99.9 (got 100)',
    ],
    [
      'a promised latency that is never missed',
      { slo: { availabilityPercent: 99, latency: Duration.minutes(1) } },
      'slo.latency must be above 0 and below requestTimeout, 55 s, at which requests are cut off (got 60000 ms)',
    ],
    [
      'a burn rate of nothing promised',
      { burnRateAlarm: { Critical: burning(2) } },
      'burnRateAlarm.Critical needs slo: without an objective there is no error budget to spend',
    ],
    [
      'a burn rate of nought',
      { slo: { availabilityPercent: 99 }, burnRateAlarm: { Critical: burning(0) } },
      'burnRateAlarm.Critical.maxBurnRate must be above 0 (got 0)',
    ],
    [
      'a burn rate that nothing reaches',
      { slo: { availabilityPercent: 95 }, burnRateAlarm: { Critical: burning(20) } },
      'burnRateAlarm.Critical.maxBurnRate of 20 can never be reached: with slo.availabilityPercent 95 even an API that fails every request spends its budget 20.0 times too fast',
    ],
    [
      'windows the wrong way round',
      {
        slo: { availabilityPercent: 99 },
        burnRateAlarm: { Critical: burning(2, Duration.minutes(5), Duration.hours(1)) },
      },
      'burnRateAlarm.Critical.shortWindow (1 hour) must be shorter than longWindow (5 minutes)',
    ],
    [
      'a window of seconds',
      {
        slo: { availabilityPercent: 99 },
        burnRateAlarm: { Critical: burning(2, Duration.hours(1), Duration.seconds(90)) },
      },
      'burnRateAlarm.Critical.shortWindow must be whole minutes, from one to a week (got 90 s)',
    ],
    [
      'widgets without a dashboard',
      { dashboard: false, widgets: [new TextWidget({ markdown: 'ours' })] },
      'widgets have no place to be: dashboard is false. Leave out one of the two',
    ],
  ];

  function burning(maxBurnRate: number, longWindow = Duration.hours(1), shortWindow = Duration.minutes(5)) {
    return { maxBurnRate, longWindow, shortWindow };
  }

  test.each(refused)('%s', (_, options, message) => {
    expect(() => watched(options)).toThrow(new Error(`[Stack/Api] ${message}`));
  });
});
