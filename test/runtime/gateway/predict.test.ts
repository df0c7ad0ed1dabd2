/** The native protocol from the caller's side: what is answered, and how every mistake is told. */
import { expect, test } from 'vitest';
import { serve } from '../serve';

const JSON_TYPE = { 'content-type': 'application/json' };

test('a prediction is answered with what the handler returned', async () => {
  const api = await serve({ handler: 'echo' });
  const reply = await api.post({ value: { nested: [1, 'two', null] } });
  expect(reply).toMatchObject({ status: 200, json: { nested: [1, 'two', null] } });
  expect(reply.headers.get('content-type')).toBe('application/json');
});

test('an integer beyond 2^53 keeps every digit', async () => {
  const api = await serve({ handler: 'echo' });
  const reply = await api.postRaw('{"value": 9007199254740993}', JSON_TYPE);
  expect(reply.text).toBe('9007199254740993');
});

test('of two equal keys the last wins, on both sides', async () => {
  const api = await serve({ handler: 'typed' });
  const reply = await api.postRaw('{"features": ["bad"], "text": "", "features": [1, 2]}', JSON_TYPE);
  expect(reply.json).toMatchObject({ sum: 3 });
});

test('1.0 for an int becomes an int', async () => {
  const api = await serve({ handler: 'typed' });
  const reply = await api.postRaw('{"features": [], "text": "", "count": 2.0}', JSON_TYPE);
  expect(reply.json).toEqual({ sum: 0, count: 2, is_int: 1 });
});

test('an input that does not fit is told where and why, all at once', async () => {
  const api = await serve({ handler: 'typed' });
  const { status, json, headers } = await api.post({ features: [1, 'a'], txt: 'hello' });
  expect(status).toBe(422);
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(json).toMatchObject({ type: 'about:blank', status: 422, code: 'invalid_input', retryable: false });
  expect(json.errors).toEqual([
    { path: '$.text', message: 'is missing' },
    { path: '$.txt', message: "is unknown; did you mean 'text'?" },
    { path: '$.features[1]', message: 'expected number, got string' },
  ]);
});

test('an empty body is no input, unless the handler needs none', async () => {
  const needy = await serve({ handler: 'typed' });
  expect(await needy.postRaw(undefined)).toMatchObject({ status: 400, json: { code: 'invalid_json' } });
  const modest = await serve({ handler: 'no_arguments' });
  expect(await modest.postRaw(undefined)).toMatchObject({ status: 200, json: 'nothing needed' });
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'json'])(
  'Content-Type %s is refused',
  async (type) => {
    const api = await serve({ handler: 'echo' });
    const reply = await api.postRaw('{"value": 1}', { 'content-type': type });
    expect(reply).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
    expect(reply.json.detail).toBe(`Content-Type ${type} is not supported; send application/json.`);
  },
);

test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.acme.v1+json;charset="UTF-8"'])(
  'Content-Type %s is JSON',
  async (type) => {
    const api = await serve({ handler: 'echo' });
    expect(await api.postRaw('{"value": 1}', { 'content-type': type })).toMatchObject({ status: 200, json: 1 });
  },
);

test('what the handler raises is logged with its traceback, which the caller never sees', async () => {
  const api = await serve({ handler: 'raises' });
  const reply = await api.post({ message: 'secret' }, { 'x-request-id': 'r-1' });
  expect(reply).toMatchObject({ status: 500, json: { code: 'handler_error', retryable: false, request_id: 'r-1' } });
  expect(reply.text).not.toMatch(/secret|predict\.py/);
  const { error } = await api.line((line) => line.request_id === 'r-1' && line.status === 500);
  expect(error).toMatchObject({ code: 'handler_error', type: 'ValueError' });
  expect((error as { traceback: string }).traceback).toMatch(
    /predict\.py", line 5, in predict[\s\S]*ValueError: secret/,
  );
});

test('a result that JSON cannot say is the handler’s error', async () => {
  const api = await serve({ handler: 'not_json' });
  expect(await api.post({})).toMatchObject({ status: 500, json: { code: 'invalid_result', retryable: false } });
});

test('a request id comes back on the answer and stands in the log', async () => {
  const api = await serve({ handler: 'prints' });
  const reply = await api.post({ text: 'hello' }, { 'x-request-id': 'order-66' });
  expect(reply.headers.get('x-request-id')).toBe('order-66');
  expect(await api.line((line) => line.status === 200)).toMatchObject({ request_id: 'order-66', route: '/predict' });
  expect(await api.output('printed hello')).toMatchObject({ request_id: 'order-66' });
});

test.each(['', 'with space', 'x'.repeat(129), 'ünicode'])('the request id %j is replaced', async (id) => {
  const api = await serve({ handler: 'echo' });
  const reply = await api.post({ value: 1 }, { 'x-request-id': Buffer.from(id).toString('latin1') });
  expect(reply.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
});

test('the trace id of a traceparent is logged', async () => {
  const api = await serve({ handler: 'echo' });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  await api.post({ value: 1 }, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
  expect(await api.line((line) => line.status === 200)).toMatchObject({ trace_id: traceId });
});

test('Server-Timing says of a failure, too, where the time went', async () => {
  const api = await serve({ handler: 'slow' });
  const late = await api.post({ seconds: 30 }, { 'x-model-api-timeout-ms': '300' });
  expect(late.status).toBe(504);
  expect(late.headers.get('server-timing')).toMatch(
    /^queue;dur=[\d.]+, predict;dur=\d{3}[\d.]+, total;dur=\d{3}[\d.]+$/,
  );
  const { headers } = await api.request('/nothing');
  expect(headers.get('server-timing')).toMatch(/^total;dur=[\d.]+$/);
});

test('Server-Timing and the log say where the time went', async () => {
  const api = await serve({ handler: 'slow' });
  const reply = await api.post({ seconds: 0.05 });
  const parts = reply.headers
    .get('server-timing')
    ?.match(/^queue;dur=([\d.]+), predict;dur=([\d.]+), total;dur=([\d.]+)$/);
  const [, , predictMs, totalMs] = (parts ?? []).map(Number) as [number, number, number, number];
  expect(predictMs).toBeGreaterThanOrEqual(50);
  expect(totalMs).toBeGreaterThanOrEqual(predictMs);
  const line = await api.line(({ status }) => status === 200);
  expect(line.predict_ms).toBeCloseTo(predictMs, 0);
  expect(line).toMatchObject({ bytes_in: 16, bytes_out: 4, api: 'model', level: 'info' });
});
