/** The contract's metrics, as Prometheus scrapes them and as CloudWatch reads them from the log. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { METRICS, type MetricRow, UNEMITTED_METRICS } from '../../../runtime/contract/metrics';
import { emfLine } from '../../../runtime/gateway/emf';
import { Histogram } from '../../../runtime/gateway/histogram';
import { Metrics } from '../../../runtime/gateway/metrics';
import { OfferedConcurrency } from '../../../runtime/gateway/offered-concurrency';
import { exposition } from '../../../runtime/gateway/prometheus';
import { gate, queued } from '../gate';
import { type LogLine, type Serving, serve } from '../serve';

/** The value of one sample. */
async function scraped(api: Serving, sample: string): Promise<number> {
  const { text } = await api.manage('/metrics');
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${sample} `));
  return Number(line?.slice(sample.length));
}

test('every family of the table is exposed, with its type', async () => {
  const api = await serve({ handler: 'echo' });
  const { text, headers } = await api.manage('/metrics');
  expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  for (const { prometheus, prometheusType } of [...Object.values(METRICS), ...Object.values(UNEMITTED_METRICS)]) {
    expect(text.split(`# TYPE ${prometheus} ${prometheusType}\n`)).toHaveLength(2);
  }
});

test('answers are counted by their code, probes are not', async () => {
  const api = await serve({ handler: 'dies' });
  await api.post({});
  await api.post({ how: 'no' });
  await api.post({ how: 'SIGKILL' });
  await api.manage('/healthz');
  expect(await scraped(api, 'model_api_requests_total{code="200"}')).toBe(1);
  expect(await scraped(api, 'model_api_requests_total{code="422"}')).toBe(1);
  expect(await scraped(api, 'model_api_requests_total{code="502"}')).toBe(1);
  expect(await scraped(api, 'model_api_request_duration_seconds_count')).toBe(3);
  expect(await scraped(api, 'model_api_predict_duration_seconds_count')).toBe(2);
  expect(await scraped(api, 'model_api_worker_restarts_total{reason="signal"}')).toBe(1);
});

test('what runs, waits and is refused can be seen', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held', overlay: { queueRequests: 1 } });
  const replies = [api.post({ name: 'a', until: file })];
  await api.output('began a');
  replies.push(api.post({ name: 'b' }));
  await queued(api, 1);
  await api.post({ name: 'c' });
  expect(await scraped(api, 'model_api_running')).toBe(1);
  expect(await scraped(api, 'model_api_shed_total{reason="queue_requests"}')).toBe(1);
  open();
  await Promise.all(replies);
  expect(await scraped(api, 'model_api_running')).toBe(0);
  expect(await scraped(api, 'model_api_ready_workers')).toBe(1);
  expect(await scraped(api, 'model_api_load_seconds')).toBeGreaterThan(0);
});

test('a caller that gives up is counted, and the time it waited is a latency', async () => {
  const { file } = gate();
  const api = await serve({ handler: 'held' });
  const caller = new AbortController();
  const waiting = api.post({ name: 'a', until: file }, {}, caller.signal);
  await api.output('began a');
  caller.abort();
  await expect(waiting).rejects.toThrow();
  await api.line(({ status }) => status === 499);
  expect(await scraped(api, 'model_api_disconnects_total')).toBe(1);
  expect(await scraped(api, 'model_api_request_duration_seconds_count')).toBe(1);
  expect(await scraped(api, 'model_api_request_duration_seconds_sum')).toBeGreaterThan(0);
});

test('buckets are cumulative and end with all', async () => {
  const api = await serve({ handler: 'slow' });
  await api.post({ seconds: 0.1 });
  expect(await scraped(api, 'model_api_predict_duration_seconds_bucket{le="+Inf"}')).toBe(1);
  const { text } = await api.manage('/metrics');
  const bounds = [...text.matchAll(/model_api_predict_duration_seconds_bucket\{le="([\d.]+)"\} (\d)/g)];
  for (const [, bound, count] of bounds)
    expect(Number(count)).toBe(Number(bound) > 0.13 ? 1 : Number(bound) < 0.1 ? 0 : Number(count));
  expect(bounds.length).toBeGreaterThan(10);
});

/** The metrics of the last window, which a drain closes. */
async function lastWindow(api: Serving): Promise<LogLine> {
  api.signal('SIGTERM');
  await api.exit;
  return api.logs.filter((line) => '_aws' in line).at(-1) as LogLine;
}

test('a window is one EMF line with every metric under one dimension', async () => {
  const api = await serve({ handler: 'dies', overlay: { name: 'iris', emf: true } });
  await api.post({});
  await api.post({ how: 'sys.exit' });
  const line = await lastWindow(api);
  expect(line).toMatchObject({
    Api: 'iris',
    Requests: 2,
    ServerErrors: 1,
    ClientErrors: 0,
    WorkerRestarts: 1,
    Shed: 0,
  });
  const [directive] = (line._aws as { CloudWatchMetrics: [Record<string, { Name: string }[]>] }).CloudWatchMetrics;
  expect(directive).toMatchObject({ Namespace: 'ModelApi', Dimensions: [['Api']] });
  expect(directive.Metrics?.map(({ Name }) => Name)).toEqual(withoutBatchesAndGpus(Object.values(METRICS)));
  expect(line.Latency).toMatchObject({ Count: 2, Values: expect.any(Array), Counts: expect.any(Array) });
});

/** Only of a handler with predict_batch there is a batch size to tell, and of GPUs only where there are some. */
const withoutBatchesAndGpus = (rows: readonly MetricRow[]) =>
  rows.filter(({ needs }) => needs === undefined).flatMap(({ emf }) => (emf === METRICS.batchSize.emf ? [] : emf));

test('an idle window says zero, and leaves out only durations and batch sizes', async () => {
  const api = await serve({ handler: 'echo', overlay: { emf: true } });
  const line = await lastWindow(api);
  expect(line).toMatchObject({ OfferedConcurrency: 0, Requests: 0, Shed: 0, Timeouts: 0, Queued: 0, Running: 0 });
  expect(Object.keys(line)).not.toContain('Latency');
  expect(Object.keys(line)).not.toContain('BatchSize');
});

test('a request that a full queue refuses is shed, and no server error', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held', overlay: { emf: true, queueRequests: 1 } });
  const replies = [api.post({ name: 'a', until: file })];
  await api.output('began a');
  replies.push(api.post({ name: 'b' }));
  await queued(api, 1);
  expect((await api.post({ name: 'c' })).json.code).toBe('overloaded');
  open();
  await Promise.all(replies);
  expect(await lastWindow(api)).toMatchObject({ Requests: 3, Shed: 1, ServerErrors: 0 });
});

test('before the first load a request is refused: no queue is full, and it is no server error', async () => {
  const api = await serve({ handler: 'never_loads', overlay: { emf: true }, until: 'listening' });
  expect((await api.post({})).json.code).toBe('not_ready');
  expect(await scraped(api, 'model_api_shed_total{reason="not_ready"}')).toBe(1);
  const window = await lastWindow(api);
  expect(window).toMatchObject({ Requests: 1, Shed: 0, ServerErrors: 0 });
  expect(window.OfferedConcurrency).toBeGreaterThan(0);
});

test('a version whose workers die at every request makes server errors, also when it refuses them', async () => {
  const api = await serve({ handler: 'dies', overlay: { emf: true } });
  const answers: string[] = [];
  while (!answers.includes('not_ready')) answers.push((await api.post({ how: 'SIGKILL' })).json.code);
  expect(new Set(answers)).toEqual(new Set(['worker_died', 'not_ready']));
  expect(await scraped(api, 'model_api_shed_total{reason="not_ready"}')).toBe(0);
  const window = await lastWindow(api);
  expect(window).toMatchObject({ Requests: answers.length, Shed: 0, ServerErrors: answers.length });
});

test("a caller's own deadline is a timeout, and neither a server error nor a latency", async () => {
  const api = await serve({ handler: 'async_echo', overlay: { emf: true } });
  const late = await api.post({ value: 1, seconds: 60 }, { 'x-model-api-timeout-ms': '50' });
  expect(late.status).toBe(504);
  const window = await lastWindow(api);
  expect(window).toMatchObject({ Requests: 1, Timeouts: 1, ServerErrors: 0 });
  expect(Object.keys(window)).not.toContain('Latency');
});

test("the API's own deadline is a server error, whatever longer one a caller wants", async () => {
  const api = await serve({ handler: 'async_echo', overlay: { emf: true, requestTimeoutMs: 100 } });
  await api.post({ value: 1, seconds: 60 }, { 'x-model-api-timeout-ms': '60000' });
  expect(await lastWindow(api)).toMatchObject({ Timeouts: 1, ServerErrors: 1, Latency: { Count: 1 } });
});

test('on ECS the line carries the id of the task', async () => {
  const metadata = createServer((_, response) => {
    response.end('{"TaskARN": "arn:aws:ecs:eu-west-1:111122223333:task/cluster/158d1c8083dd49d6b527399fd6414f5c"}');
  });
  await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void metadata.close());
  const { port } = metadata.address() as AddressInfo;
  const env = { ECS_CONTAINER_METADATA_URI_V4: `http://127.0.0.1:${port}/v4/id` };
  const api = await serve({ handler: 'echo', overlay: { emf: true }, env });
  expect(await lastWindow(api)).toMatchObject({ TaskId: '158d1c8083dd49d6b527399fd6414f5c' });
});

test('without EMF no line of it is written', async () => {
  const api = await serve({ handler: 'echo' });
  expect(await lastWindow(api)).toBeUndefined();
});

test('offered concurrency is the time-weighted mean of requests, and what was shed times its service time', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const offered = new OfferedConcurrency();
  offered.change(1);
  vi.advanceTimersByTime(5_000);
  offered.change(1);
  vi.advanceTimersByTime(5_000);
  expect(offered.takeWindow()).toBeCloseTo(1.5);
  offered.served(500);
  for (let count = 0; count < 20; count += 1) offered.shed();
  vi.advanceTimersByTime(10_000);
  expect(offered.takeWindow()).toBeCloseTo(2 + (20 * 0.5) / 10);
});

test('a histogram has at most 100 values, and exact ends, sum and count', () => {
  const histogram = new Histogram();
  const durations = Array.from({ length: 2_000 }, (_, index) => 0.05 * 1.01 ** index);
  for (const duration of durations) histogram.observe(duration);
  const { Values = [], Counts = [], Min, Max, Count } = histogram.takeWindow() ?? {};
  expect(Values.length).toBeLessThanOrEqual(100);
  expect(Counts.reduce((sum, count) => sum + count, 0)).toBe(2_000);
  expect({ Min, Count }).toEqual({ Min: 0.05, Count: 2_000 });
  expect(Max).toBeCloseTo(Math.max(...durations), 2);
  expect(histogram.takeWindow()).toBeUndefined();
});

test('the sizes of batches are counted in powers of two, and told as they were where all are the same', () => {
  const metrics = new Metrics();
  for (const rows of [1, 1, 2, 3, 8, 1_024, 5_000]) metrics.batchSize.observe(rows);
  const text = String(exposition(metrics).body);
  const buckets = [...text.matchAll(/model_api_batch_size_bucket\{le="(.+)"\} (\d+)/g)].map(([, le, count]) => [
    le,
    count,
  ]);
  expect(Object.fromEntries(buckets)).toEqual({
    ...{ 1: '2', 2: '3', 4: '4', 8: '5', 16: '5', 32: '5', 64: '5', 128: '5', 256: '5', 512: '5', 1024: '6' },
    '+Inf': '7',
  });
  expect(text).toContain('\nmodel_api_batch_size_sum 6039\nmodel_api_batch_size_count 7\n');
  metrics.takeWindow();
  for (let count = 0; count < 3; count += 1) metrics.batchSize.observe(5);
  expect(JSON.parse(emfLine(metrics.takeWindow(), 'iris', 0)).BatchSize).toEqual({
    ...{ Values: [5], Counts: [3], Min: 5, Max: 5, Sum: 15, Count: 3 },
  });
});
