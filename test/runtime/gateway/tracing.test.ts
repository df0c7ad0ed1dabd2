/** Spans, as a collector gets them from a gateway that the standard variables tell where it is. */
import { expect, test } from 'vitest';
import { samplerOf } from '../../../runtime/gateway/tracing/sampler';
import { type CollectedSpan, type Collector, collector } from '../collector';
import { type ServeOptions, type Serving, serve } from '../serve';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

const SERVER = 2;
const INTERNAL = 1;
const ERROR = 2;

function variables(to: Collector, more: Record<string, string> = {}): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: to.url, OTEL_BSP_SCHEDULE_DELAY: '10', ...more };
}

async function traced(handler: string, more: Record<string, string> = {}, options: Partial<ServeOptions> = {}) {
  const to = await collector();
  const api = await serve({ handler, env: variables(to, more), ...options });
  return { api, to };
}

const named = (spans: readonly CollectedSpan[], name: string) =>
  spans.find((span) => span.name === name) as CollectedSpan;

test.each(['http/protobuf', 'http/json'])(
  "a request is a span with its parts, in its caller's trace, by %s",
  async (protocol) => {
    const { api, to } = await traced('slow', { OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'rojo=1, congo=2', 'x-request-id': 'r-1' };
    await api.post({ seconds: 0.05 }, { ...headers, 'user-agent': 'curl' });
    const spans = await to.has(3);
    const server = named(spans, 'POST /predict');
    expect(server).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, kind: SERVER, status: 0 });
    expect(server.traceState).toBe('rojo=1,congo=2');
    expect(server.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/predict',
      'url.path': '/predict',
      'url.scheme': 'http',
      'http.response.status_code': 200,
      'user_agent.original': 'curl',
      'model_api.request_id': 'r-1',
    });
    const [queue, predict] = [named(spans, 'queue'), named(spans, 'predict')];
    for (const part of [queue, predict])
      expect(part).toMatchObject({ traceId: TRACE, parentSpanId: server.spanId, kind: INTERNAL, status: 0 });
    expect(server.start <= queue.start && queue.end === predict.start && predict.end <= server.end).toBe(true);
    expect(Number(predict.end - predict.start) / 1e6).toBeGreaterThanOrEqual(50);
    expect(Math.abs(Number(server.end / 1_000_000n) - Date.now())).toBeLessThan(60_000);
    expect(to.requests[0]).toMatchObject({ path: '/v1/traces' });
    const contentType = to.requests[0]?.headers['content-type'];
    expect(contentType).toBe(protocol === 'http/json' ? 'application/json' : 'application/x-protobuf');
  },
);

test("the line of a request names its trace and the gateway's span", async () => {
  const { api, to } = await traced('echo');
  await api.post({ value: 1 }, { traceparent: `00-${TRACE}-${PARENT}-01` });
  const [{ spanId } = {}] = await to.has(3);
  expect(await api.line(({ route }) => route === '/predict')).toMatchObject({ trace_id: TRACE, span_id: spanId });
});

test('what the handler raises is an exception of the span in which it ran', async () => {
  const { api, to } = await traced('raises');
  await api.post({ message: 'no luck' });
  const spans = await to.has(3);
  const failed = { status: ERROR, attributes: { 'error.type': 'handler_error' } };
  expect(named(spans, 'POST /predict')).toMatchObject({ ...failed, parentSpanId: '', events: [] });
  expect(named(spans, 'POST /predict').attributes).toMatchObject({ 'http.response.status_code': 500 });
  const predict = named(spans, 'predict');
  expect(predict).toMatchObject({ ...failed, events: [{ name: 'exception' }] });
  expect(predict.events[0]?.attributes).toMatchObject({
    'exception.type': 'ValueError',
    'exception.message': 'no luck',
  });
  expect(predict.events[0]?.attributes['exception.stacktrace']).toContain('in fail');
});

test('what a caller got wrong is told, and is no error of the span', async () => {
  const { api, to } = await traced('echo');
  await api.request('/nowhere', { method: 'PUT' });
  await api.postRaw('{', { 'content-type': 'application/json' });
  const spans = await to.has(2);
  expect(named(spans, 'PUT')).toMatchObject({ status: 0, attributes: { 'error.type': 'not_found' } });
  expect(named(spans, 'PUT').attributes).not.toHaveProperty('http.route');
  expect(named(spans, 'POST /predict')).toMatchObject({ status: 0, attributes: { 'error.type': 'invalid_json' } });
});

test('the resource says who it is, and the variables go before that', async () => {
  const overlay = { name: 'iris', version: '7' };
  const own = await traced('echo', {}, { overlay });
  await own.api.post({ value: 1 });
  await own.to.has(3);
  expect(own.to.resource).toMatchObject({
    'service.name': 'iris',
    'service.version': '7',
    'telemetry.sdk.language': 'nodejs',
  });
  const more = {
    OTEL_SERVICE_NAME: 'flowers',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=no',
  };
  const told = await traced('echo', { ...more, OTEL_EXPORTER_OTLP_HEADERS: 'x-token=secret' }, { overlay });
  await told.api.post({ value: 1 });
  await told.to.has(3);
  expect(told.to.resource).toMatchObject({ 'service.name': 'flowers', 'deployment.environment.name': 'test' });
  expect(told.to.requests[0]?.headers['x-token']).toBe('secret');
});

test('neither probes nor what a caller does not record are sent', async () => {
  const { api, to } = await traced('echo');
  await api.manage('/readyz');
  await api.post({ value: 1 }, { traceparent: `00-${TRACE}-${PARENT}-00` });
  await api.post({ value: 2 });
  await to.has(3);
  api.signal('SIGTERM');
  await api.exit;
  expect(to.spans.map(({ name }) => name)).toEqual(['POST /predict', 'queue', 'predict']);
  expect(to.spans[0]?.traceId).not.toBe(TRACE);
});

test('the last spans are sent before the gateway ends', async () => {
  const { api, to } = await traced('echo', { OTEL_BSP_SCHEDULE_DELAY: '600000' });
  await api.post({ value: 1 });
  api.signal('SIGTERM');
  expect(await api.exit).toBe(0);
  expect(to.spans).toHaveLength(3);
});

test('a collector that does not answer holds up neither a request nor the end', async () => {
  const { api, to } = await traced('echo', { OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' });
  to.held = new Promise(() => {});
  for (let count = 0; count < 20; count += 1) expect((await api.post({ value: count })).json).toBe(count);
  const from = performance.now();
  api.signal('SIGTERM');
  expect(await api.exit).toBe(0);
  expect(performance.now() - from).toBeLessThan(8_000);
});

test('a collector that is away is told of in the log, once', async () => {
  const env = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces',
    OTEL_BSP_SCHEDULE_DELAY: '5',
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
  };
  const api = await serve({ handler: 'echo', env });
  await api.post({ value: 1 });
  const line = await api.line('tracing');
  expect(line).toMatchObject({
    level: 'warning',
    msg: expect.stringMatching(/3 spans could not be sent: .*ECONNREFUSED/),
  });
  await api.post({ value: 1 });
  await stopped(api);
  expect(api.events('tracing')).toHaveLength(1);
});

test.each([
  ['the SDK is disabled', { OTEL_SDK_DISABLED: 'true' }],
  ['the exporter is none', { OTEL_TRACES_EXPORTER: 'none' }],
  ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
])('nothing is sent when %s', async (_, more) => {
  const { api, to } = await traced('echo', more);
  await api.post({ value: 1 });
  await stopped(api);
  expect(to.requests).toEqual([]);
});

async function stopped(api: Serving): Promise<void> {
  api.signal('SIGTERM');
  await api.exit;
}

const sampled = { sampled: true };
const unsampled = { sampled: false };
const LOW = `${'f'.repeat(18)}${'0'.repeat(13)}1`;
const HIGH = `${'0'.repeat(18)}${'f'.repeat(14)}`;

test.each([
  // OTEL_TRACES_SAMPLER, its argument; own traces by a low and a high id; a caller's, recorded and not.
  [undefined, undefined, [true, true, true, false]],
  ['parentbased_always_on', undefined, [true, true, true, false]],
  ['parentbased_always_off', undefined, [false, false, true, false]],
  ['always_on', undefined, [true, true, true, true]],
  ['always_off', undefined, [false, false, false, false]],
  ['parentbased_traceidratio', '0.5', [false, true, true, false]],
  ['traceidratio', '0.5', [false, true, false, false]],
  ['traceidratio', '0', [false, false, false, false]],
  ['traceidratio', '1', [true, true, true, true]],
  ['traceidratio', undefined, [true, true, true, true]],
])('sampler %s %s', (name, argument, decisions) => {
  const warnings: string[] = [];
  const env = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument };
  const sampler = samplerOf(env, (warning) => warnings.push(warning));
  expect([sampler(LOW), sampler(HIGH), sampler(LOW, sampled), sampler(LOW, unsampled)]).toEqual(decisions);
  expect(warnings).toEqual([]);
});

test.each([
  ['jaeger_remote', undefined, /OTEL_TRACES_SAMPLER is jaeger_remote, which this server does not have/],
  ['traceidratio', '2', /from 0 to 1, got '2'/],
  ['parentbased_traceidratio', 'half', /from 0 to 1, got 'half'/],
])('a sampler that cannot be is told of, and traces are recorded: %s %s', (name, argument, warning) => {
  const warnings: string[] = [];
  const env = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument };
  expect(samplerOf(env, (message) => warnings.push(message))(LOW)).toBe(true);
  expect(warnings).toEqual([expect.stringMatching(warning)]);
});
