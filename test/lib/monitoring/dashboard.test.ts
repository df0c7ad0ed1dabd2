/** The page of one API as CloudWatch gets it: every widget in its place, with its unit. */
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Metric, SingleValueWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, test } from 'vitest';
import { type Compute, Monitoring, type StandardMonitoringOptions } from '../../../lib';
import { METRICS, type MetricRow } from '../../../runtime/contract/metrics';
import { drawnIn, type Page, pageOf, type Widget } from '../dashboard-page';
import { apiIn, only, stackIn } from '../declaration';
import { GpuCompute } from '../gpu-compute';

function pageWith(options: StandardMonitoringOptions = {}, compute?: Compute): Page {
  const stack = stackIn();
  const monitoring = Monitoring.standard(options);
  apiIn(stack, { monitoring, requestTimeout: Duration.seconds(20), concurrency: 4, compute });
  return pageOf(only(Template.fromStack(stack), 'AWS::CloudWatch::Dashboard'));
}

function widget(page: Page, title: string): Widget {
  const found = page.widgets.find(({ properties }) => properties.title === title);
  if (!found) throw new Error(`no widget ${title}`);
  return found;
}

describe('the page', () => {
  test('shows alarms, use, errors, latency, concurrency, queue, work, replicas, restarts, loading, machines, refusals, errors', () => {
    const page = pageWith();
    expect(page.widgets.map(({ properties }) => properties.title)).toEqual([
      'Alarms',
      'Requests a minute',
      'Errors a minute, by class',
      'Latency (ms)',
      'Concurrency of a replica (requests)',
      'Queue of a replica (requests, ms)',
      'Time in a worker (ms, rows)',
      'Replicas, and ready workers of one',
      'Worker restarts a minute',
      'Load time of the slowest replica (s)',
      'CPU and memory (%)',
      'Answered by the load balancer itself, a minute',
      'Recent errors',
    ]);
  });

  test.each([
    ['as it is', pageWith],
    ['with GPUs', () => pageWith({}, new GpuCompute())],
    ['with an objective', () => pageWith({ slo: { availabilityPercent: 99 } })],
    ['with both', () => pageWith({ slo: { availabilityPercent: 99 } }, new GpuCompute())],
  ])('fills its rows, and nothing lies upon anything else: %s', (_, make) => {
    const page = make();
    const rows = new Map<number, number>();
    for (const { x, y, width } of page.widgets) {
      expect(rows.get(y) ?? 0).toBe(x);
      rows.set(y, x + width);
    }
    expect([...rows.values()]).toEqual(Array(rows.size).fill(24));
    const heights = [...rows.keys()].map((y) => page.widgets.find((one) => one.y === y)?.height ?? 0);
    expect([...rows.keys()]).toEqual(heights.map((_, row) => heights.slice(0, row).reduce((sum, one) => sum + one, 0)));
  });

  test('has every metric that replicas emit, those of GPUs where replicas have some', () => {
    const rows = Object.values<MetricRow>(METRICS);
    const names = (emitted: readonly MetricRow[]) => emitted.map(({ emf }) => emf).sort();
    expect([...drawnIn(pageWith())].sort()).toEqual(names(rows.filter(({ needs }) => needs === undefined)));
    expect([...drawnIn(pageWith({}, new GpuCompute()))].sort()).toEqual(names(rows));
  });

  test('shows how busy GPUs are in percent, and the memory of the fullest replica in GiB', () => {
    const { metrics, yAxis } = widget(pageWith({}, new GpuCompute()), 'GPUs of a replica (%, GiB)').properties;
    expect(metrics).toMatchObject([
      ['ModelApi', 'GpuUtilization', 'Api', expect.any(String), { label: 'busy' }],
      [{ expression: 'memory / 1073741824', yAxis: 'right' }],
      ['ModelApi', 'GpuMemoryUsed', 'Api', expect.any(String), { stat: 'Maximum', visible: false }],
    ]);
    expect(yAxis).toMatchObject({ left: { label: '% of the time', max: 100 }, right: { label: 'GiB of a replica' } });
  });

  test('says the unit of every axis, and starts each at zero', () => {
    const page = pageWith();
    for (const { properties } of page.widgets.filter(({ type }) => type === 'metric')) {
      const axes = Object.values(properties.yAxis ?? {});
      expect(axes.length, properties.title).toBeGreaterThan(0);
      for (const axis of axes)
        expect(axis, properties.title).toMatchObject({ label: expect.stringMatching(/./), min: 0 });
    }
  });

  test('shows what the slowest replica loaded for, not the fastest', () => {
    const [shown] = widget(pageWith(), 'Load time of the slowest replica (s)').properties.metrics ?? [];
    expect(shown?.slice(0, 2)).toEqual(['ModelApi', 'LoadTime']);
    expect(shown?.at(-1)).toMatchObject({ stat: 'Maximum', label: 'last load of the slowest replica' });
  });

  test('shows what no replica answered: failed connections to them, and errors of the load balancer', () => {
    const { metrics } = widget(pageWith(), 'Answered by the load balancer itself, a minute').properties;
    expect(metrics?.filter(([namespace]) => namespace === 'AWS/ApplicationELB')).toEqual([
      [
        ...['AWS/ApplicationELB', 'TargetConnectionErrorCount', 'LoadBalancer', expect.stringMatching(/^<.+>$/)],
        ...['TargetGroup', expect.stringMatching(/^<.+>$/), expect.objectContaining({ stat: 'Sum' })],
      ],
      [
        ...['AWS/ApplicationELB', 'HTTPCode_ELB_5XX_Count', 'LoadBalancer', expect.stringMatching(/^<.+>$/)],
        expect.objectContaining({ stat: 'Sum' }),
      ],
    ]);
    expect(metrics?.[0]).toMatchObject([{ expression: '60 * FILL(refused, 0) / PERIOD(refused)' }]);
  });

  test('keeps its periods whatever range it shows, and counts by the minute even if they are overridden', () => {
    const page = pageWith();
    expect(page.periodOverride).toBe('inherit');
    const [shown] = widget(page, 'Requests a minute').properties.metrics ?? [];
    expect(shown).toMatchObject([{ expression: '60 * requests / PERIOD(requests)' }]);
  });

  test('tells errors apart by whose they are, callers that gave up among them', () => {
    const drawn = widget(pageWith(), 'Errors a minute, by class').properties.metrics?.flat();
    const labels = drawn?.flatMap((one) => (one as { label?: string }).label ?? []);
    expect(labels).toEqual([
      'server errors (5xx)',
      'of these, timeouts (504)',
      'refused (503)',
      'client errors (4xx)',
      'callers gave up (499)',
    ]);
  });

  test('draws capacity, and the state of every alarm with the critical one first', () => {
    const page = pageWith();
    expect(widget(page, 'Concurrency of a replica (requests)').properties.annotations?.horizontal).toMatchObject([
      { value: 4, label: 'capacity' },
    ]);
    const alarms = widget(page, 'Alarms').properties.alarms ?? [];
    expect(alarms).toHaveLength(10);
    expect(alarms[0]).toContain('ApiCompositeAlarm');
  });

  test("asks the log group for errors in the API's own words", () => {
    const page = pageWith();
    const { query } = widget(page, 'Recent errors').properties;
    expect(query).toMatch(/^SOURCE '<ApiLogGroup\w+>' \| fields @timestamp, error\.code/);
    expect(query).toContain('\n| filter level = "error"\n| sort @timestamp desc\n');
  });
});

test('what is promised is drawn: latency as a line, the budget as a graph', () => {
  const page = pageWith({ slo: { availabilityPercent: 99.5, latency: Duration.millis(300) } });
  const { annotations, yAxis } = widget(page, 'Latency (ms)').properties;
  expect(annotations?.horizontal).toMatchObject([{ value: 300, label: 'objective for p99' }]);
  expect(yAxis?.left?.label).toBe('ms (cut off at 20000)');
  const budget = widget(page, 'Burn rate of the error budget over 1 hour (1 lasts a month)');
  expect(JSON.stringify(budget.properties.metrics)).toContain('/ (requests - clientErrors) / (100 - 99.5)');
});

test('the burn rate is the number that the critical alarm sees over its long window', () => {
  const Critical = { maxBurnRate: 10, longWindow: Duration.hours(2), shortWindow: Duration.minutes(10) };
  const options = { slo: { availabilityPercent: 99 }, burnRateAlarm: { Critical } };
  const stack = stackIn();
  apiIn(stack, { monitoring: Monitoring.standard(options) });
  const template = Template.fromStack(stack);
  const drawn = widget(
    pageOf(only(template, 'AWS::CloudWatch::Dashboard')),
    'Burn rate of the error budget over 2 hours (1 lasts a month)',
  ).properties.metrics as { expression?: string; period?: number }[][];
  const halves = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
  const [, long] = halves.find(([id]) => id.startsWith('ApiBurnRateAlarmLong')) ?? [];
  const [rate, ...counters] = drawn.map((one) => one.at(-1));
  expect(rate?.expression).toBe(long?.Properties.Metrics[0].Expression);
  for (const { period } of [rate, ...counters] as { period: number }[]) expect(period).toBe(7200);
});

test('without a promised latency no line flattens the curves', () => {
  expect(widget(pageWith({ slo: { availabilityPercent: 99 } }), 'Latency (ms)').properties.annotations).toBeUndefined();
});

test('widgets of your own stand at the end, side by side', () => {
  const metric = new Metric({ namespace: 'Shop', metricName: 'Orders' });
  const widgets = [
    new TextWidget({ markdown: 'ours', width: 12 }),
    new SingleValueWidget({ metrics: [metric], width: 12 }),
  ];
  const [text, value] = pageWith({ widgets }).widgets.slice(-2);
  expect(text).toMatchObject({ type: 'text', x: 0, properties: { markdown: 'ours' } });
  expect(value).toMatchObject({ type: 'metric', x: 12, y: text?.y });
});

test('there is none when none is wanted, and alarms all the same', () => {
  const stack = stackIn();
  const api = apiIn(stack, { monitoring: Monitoring.standard({ dashboard: false }) });
  Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  expect([api.dashboard, api.alarms.length]).toEqual([undefined, 9]);
});

test('without alarms it begins with requests', () => {
  const off = Object.fromEntries(
    [
      ...['serverErrors', 'latency', 'saturation', 'shed', 'noReadyReplicas'],
      ...['targetConnectionErrors', 'workerRestarts', 'deploymentFailed'],
    ].map((name) => [`${name}Alarm`, {}]),
  );
  expect(pageWith(off).widgets[0]).toMatchObject({ y: 0, properties: { title: 'Requests a minute' } });
});
