/** Alarms and dashboard, joined with the table of metrics that replicas emit. */
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { Monitoring } from '../../lib';
import { METRICS } from '../../runtime/contract/metrics';
import { apiIn, declared, only, stackIn } from './declaration';

const ALARM = 'AWS::CloudWatch::Alarm';
const DASHBOARD = 'AWS::CloudWatch::Dashboard';

/** Names of the metrics of our own namespace, wherever a template mentions them. */
function metricsIn(value: unknown): string[] {
  const text = JSON.stringify(value);
  const alarmed = [...text.matchAll(/"MetricName":"(\w+)","Namespace":"ModelApi"/g)];
  const drawn = [...text.matchAll(/\[\\+"ModelApi\\+",\\+"(\w+)\\+"/g)];
  return [...alarmed, ...drawn].map(([, name]) => name as string);
}

describe('Monitoring.standard', () => {
  test('every metric that a template names is one that replicas emit', () => {
    const emitted = Object.values(METRICS).map(({ emf }) => emf);
    const named = new Set(metricsIn(declared().toJSON()));
    expect(named.size).toBeGreaterThan(8);
    expect([...named].filter((name) => !emitted.includes(name as never))).toEqual([]);
  });

  test('tells of failing, slow, refused and absent replicas', () => {
    const ids = Object.keys(declared().findResources(ALARM)).map((id) => id.replace(/^Api|Alarm\w{8}$/g, ''));
    expect(ids.sort()).toEqual(['Latency', 'NoReadyReplicas', 'ServerErrors', 'Shed']);
  });

  test('is silent when the API is idle, and not when it is gone', () => {
    const alarms = Object.entries(declared().findResources(ALARM));
    const breaching = alarms.filter(([, { Properties }]) => Properties.TreatMissingData === 'breaching');
    expect(breaching.map(([id]) => id)).toEqual([expect.stringMatching(/NoReadyReplicas/)]);
  });

  test('the latency alarm goes off before requests are cut off', () => {
    declared({ requestTimeout: Duration.seconds(10) }).hasResourceProperties(ALARM, {
      MetricName: 'Latency',
      ExtendedStatistic: 'p99',
      Threshold: 9000,
    });
  });

  test('every alarm does what it was told to do', () => {
    const stack = stackIn();
    const topic = new Topic(stack, 'Topic');
    apiIn(stack, { monitoring: Monitoring.standard({ alarmActions: [new SnsAction(topic)] }) });
    const alarms = Object.values(Template.fromStack(stack).findResources(ALARM));
    expect(alarms.map(({ Properties }) => Properties.AlarmActions)).toEqual(
      Array(4).fill([{ Ref: expect.stringMatching(/^Topic/) }]),
    );
  });

  test('the dashboard shows use, errors, latency, concurrency, queue, replicas and machines', () => {
    const body = JSON.stringify(only(declared(), DASHBOARD).DashboardBody);
    const titles = [...body.matchAll(/\\"title\\":\\"([^\\]+)\\"/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'Requests a minute',
      'Errors a minute',
      'Latency (ms)',
      'Concurrency of a replica',
      'Queue of a replica',
      'Replicas',
      'CPU and memory (%)',
    ]);
  });
});

test('Monitoring.none defines neither alarm nor dashboard, and names no dashboard', () => {
  const template = declared({ monitoring: Monitoring.none() });
  template.resourceCountIs(ALARM, 0);
  template.resourceCountIs(DASHBOARD, 0);
  expect(Object.keys(template.findOutputs('*')).join()).not.toContain('Dashboard');
});
