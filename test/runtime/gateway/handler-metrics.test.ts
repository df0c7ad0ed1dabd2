/** The handler's own counters and histograms: what Prometheus and CloudWatch get of them, and what is refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRICS } from '../../../runtime/contract/metrics';
import { emfLine } from '../../../runtime/gateway/emf';
import type { WorkerMetric } from '../../../runtime/gateway/handler-metrics';
import { Metrics } from '../../../runtime/gateway/metrics';
import { exposition } from '../../../runtime/gateway/prometheus';

class Told {
  readonly metrics = new Metrics();
  readonly warnings: string[] = [];

  constructor(...told: WorkerMetric[]) {
    this.metrics.handler.warn = (message) => this.warnings.push(message);
    this.metrics.handler.add(told);
  }

  get text(): string {
    const text = String(exposition(this.metrics).body);
    return text.slice(text.indexOf('# HELP model_api_handler_'));
  }

  line() {
    return JSON.parse(emfLine(this.metrics.takeWindow(), 'iris', 0));
  }
}

const counter = (name: string, value: number, labels = {}, help = ''): WorkerMetric => ({
  name,
  kind: 'counter',
  value,
  labels,
  help,
});
const histogram = (name: string, values: number[], labels = {}): WorkerMetric => ({
  name,
  kind: 'histogram',
  values,
  labels,
});

test('counters are added up by their labels, whatever their order', () => {
  const told = new Told(
    counter('tokens', 2, { model: 'a', kind: 'in' }, 'Tokens read.'),
    counter('tokens', 1, { model: 'b' }),
  );
  told.metrics.handler.add([counter('tokens', 3, { kind: 'in', model: 'a' })]);
  expect(told.text).toBe(
    [
      '# HELP model_api_handler_tokens_total Tokens read.',
      '# TYPE model_api_handler_tokens_total counter',
      'model_api_handler_tokens_total{kind="in",model="a"} 5',
      'model_api_handler_tokens_total{model="b"} 1',
      '',
    ].join('\n'),
  );
});

test('CloudWatch gets them summed over labels, since the last line, and 0 of what did not grow', () => {
  const told = new Told(counter('tokens', 2, { model: 'a' }), counter('tokens', 1.5, { model: 'b' }));
  const line = told.line();
  expect(line).toMatchObject({ Api: 'iris', tokens: 3.5, Requests: 0 });
  const [directive] = line._aws.CloudWatchMetrics;
  expect(directive).toMatchObject({ Namespace: 'ModelApi', Dimensions: [['Api']] });
  expect(directive.Metrics).toContainEqual({ Name: 'tokens', Unit: 'Count' });
  expect(told.line().tokens).toBe(0);
});

test('histograms have round bounds for Prometheus and narrow ones for CloudWatch', () => {
  const told = new Told(histogram('score', [0.3, 0.45, 7], { of: 'x' }), {
    name: 'score',
    kind: 'histogram',
    value: 0.3,
  });
  expect(told.text).toContain('model_api_handler_score_bucket{of="x",le="0.2"} 0\n');
  expect(told.text).toContain('model_api_handler_score_bucket{of="x",le="0.5"} 2\n');
  expect(told.text).toContain('model_api_handler_score_bucket{of="x",le="+Inf"} 3\n');
  expect(told.text).toContain('model_api_handler_score_sum{of="x"} 7.75\nmodel_api_handler_score_count{of="x"} 3\n');
  expect(told.text).toContain('model_api_handler_score_bucket{le="+Inf"} 1\n');
  const bounds = [...told.text.matchAll(/score_bucket\{le="(.+)"\}/g)].map(([, bound]) => bound);
  expect(bounds).toEqual(expect.arrayContaining(['0.0001', '0.001', '1', '2', '5', '10', '500000', '+Inf']));
  expect(bounds).toHaveLength(31);
  const { score } = told.line();
  expect(score).toMatchObject({ Min: 0.3, Max: 7, Sum: 8.05, Count: 4, Counts: [2, 1, 1] });
  expect(score.Values[1]).toBeCloseTo(0.45, 1);
  expect(told.line()).not.toHaveProperty('score');
});

test('help and the values of labels are escaped', () => {
  const told = new Told(counter('odd', 1, { path: 'a\\b"c\nd' }, 'One\nline, a \\ and a ".'));
  expect(told.text).toContain('# HELP model_api_handler_odd_total One\\nline, a \\\\ and a ".\n');
  expect(told.text).toContain('model_api_handler_odd_total{path="a\\\\b\\"c\\nd"} 1\n');
});

test('a name that ends in _total is not made to end so twice', () => {
  expect(new Told(counter('seen_total', 1)).text).toContain('\nmodel_api_handler_seen_total 1\n');
});

describe('refused, told once, and without harm to the rest', () => {
  test.each([
    [
      'a name of ours',
      [counter('Requests', 1)],
      /"Requests" was not recorded: the server itself has a metric of this name/,
    ],
    ['the dimension', [counter('Api', 1)], /the server itself/],
    ['a name that Prometheus does not take', [counter('a-b', 1)], /letters, digits and underscores/],
    ['a field of the line', [counter('_aws', 1)], /letters, digits and underscores/],
    ['no name', [counter('', 1)], /letters, digits and underscores/],
    ['a counter that is a histogram', [counter('one', 1), histogram('one', [1])], /it is a counter already/],
    ['the same name to Prometheus', [counter('one', 1), counter('one_total', 1)], /the same as one; take another/],
    ['a histogram within another', [histogram('one', [1]), histogram('one_sum', [1])], /the same as one; take another/],
    ['a counter that falls', [counter('one', -1)], /a counter does not take -1/],
    ['no number', [histogram('one', [Number.NaN])], /a histogram does not take NaN/],
    ['nothing', [{ name: 'one', kind: 'counter' } as const], /a counter does not take undefined/],
    ['a label that Prometheus does not take', [counter('one', 1, { 'a-b': 1 })], /it cannot have a label "a-b"/],
    ['a label of Prometheus', [counter('one', 1, { __name__: 1 })], /it cannot have a label "__name__"/],
    ['the label of buckets', [histogram('one', [1], { le: 1 })], /it cannot have a label "le"/],
  ])('%s', (_, metrics, warning) => {
    const told = new Told(...metrics, metrics.at(-1) as WorkerMetric, counter('fine', 1));
    expect(told.warnings).toEqual([expect.stringMatching(warning)]);
    expect(told.text).toContain('\nmodel_api_handler_fine_total 1\n');
    expect(told.line()).toMatchObject({ Requests: 0, fine: 1 });
  });
});

test('there are at most 100 names, of which CloudWatch gets 40, and 100 sets of labels of each', () => {
  const told = new Told(...Array.from({ length: 150 }, (_, index) => counter(`n${index}`, 1)));
  told.metrics.handler.add(Array.from({ length: 150 }, (_, index) => counter('n0', 1, { index })));
  expect(told.text.match(/# TYPE/g)).toHaveLength(100);
  expect(told.text.match(/n0_total(\{.*\})? 1\n/g)).toHaveLength(100);
  const [directive] = told.line()._aws.CloudWatchMetrics;
  expect(directive.Metrics.filter(({ Name }: { Name: string }) => /^n\d+$/.test(Name))).toHaveLength(40);
  expect(Object.keys(METRICS).length + 40).toBeLessThanOrEqual(100);
  expect(told.warnings.filter((warning) => warning.includes('sets of labels'))).toHaveLength(1);
  expect(told.warnings).toHaveLength(2);
});

test('whatever a handler records, every line is one that Prometheus reads, and CloudWatch takes the line', () => {
  const name = fc.oneof(fc.string(), fc.constantFrom('a', 'b', 'a_total', 'a_sum', 'Latency'));
  const metric = fc.record({
    name,
    kind: fc.constantFrom('counter' as const, 'histogram' as const),
    labels: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('x', 'le')), fc.oneof(fc.string(), fc.double())),
    values: fc.array(fc.double()),
    value: fc.double(),
    help: fc.string(),
  });
  const line = /^(# (HELP|TYPE) [a-z_][\w]* .*|[a-zA-Z_]\w*(\{([a-zA-Z_]\w*="([^"\\\n]|\\["\\n])*",?)*\})? [-+\de.]+)$/;
  fc.assert(
    fc.property(fc.array(metric, { maxLength: 20 }), (metrics) => {
      const told = new Told(...metrics);
      const lines = String(exposition(told.metrics).body).split('\n').slice(0, -1);
      expect(lines.filter((text) => !line.test(text))).toEqual([]);
      const types = lines.filter((text) => text.startsWith('# TYPE'));
      expect(new Set(types).size).toBe(types.length);
      const { _aws, ...fields } = told.line();
      const [directive] = _aws.CloudWatchMetrics;
      expect(directive.Metrics.length).toBeLessThanOrEqual(100);
      for (const { Name } of directive.Metrics) {
        expect(fields).toHaveProperty([Name]);
        expect(fields[Name].Values?.length ?? 0).toBeLessThanOrEqual(100);
      }
    }),
    { numRuns: 500 },
  );
});
