/** SageMaker's container contract: what the platform asks of a container, as it asks it. */
import { describe, expect, test } from 'vitest';
import { freePort } from '../../setup/free-port';
import { serve } from '../serve';
import { handler } from '../worker/handlers';

const post = (body: string, headers: Record<string, string> = {}) => ({ method: 'POST', body, headers });

describe('/ping', () => {
  test('is 200 with an empty body when the model is ready', async () => {
    const api = await serve({ handler: 'echo' });
    const { status, text, headers } = await api.request('/ping');
    expect([status, text, headers.get('content-length')]).toEqual([200, '', '0']);
  });

  test('is 503 while it loads', async () => {
    const api = await serve({ handler: 'never_loads', until: 'listening' });
    expect((await api.request('/ping')).status).toBe(503);
  });

  test('is neither logged nor counted', async () => {
    const api = await serve({ handler: 'echo' });
    await api.request('/ping');
    await api.post({ value: 1 }, { 'x-request-id': 'after-the-ping' });
    await api.line(({ request_id }) => request_id === 'after-the-ping');
    expect(api.logs.filter(({ route }) => route === '/ping')).toEqual([]);
    expect((await api.manage('/metrics')).text).toMatch(/model_api_requests_total\{code="200"\} 1\n/);
  });
});

describe('/invocations', () => {
  test("is a prediction, and the platform's headers change nothing", async () => {
    const api = await serve({ handler: 'echo' });
    const reply = await api.request(
      '/invocations',
      post('{"value": [1, 2]}', {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-amzn-sagemaker-custom-attributes': 'any',
        'x-amzn-sagemaker-target-model': 'model.tar.gz',
        'x-amzn-sagemaker-target-variant': 'AllTraffic',
        'x-amzn-sagemaker-inference-id': '1',
        'x-amzn-sagemaker-session-id': 'NEW_SESSION',
      }),
    );
    expect(reply).toMatchObject({ status: 200, json: [1, 2] });
  });

  test('takes a body without a content type for JSON, and no other type', async () => {
    const api = await serve({ handler: 'echo' });
    const untyped = { method: 'POST', body: Buffer.from('{"value": "untyped"}') };
    expect(await api.request('/invocations', untyped)).toMatchObject({ status: 200, json: 'untyped' });
    expect((await api.request('/predict', untyped)).status).toBe(415);
    const csv = await api.request('/invocations', post('1,2,3', { 'content-type': 'text/csv' }));
    expect(csv).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
  });

  test('tells what is wrong as every native route does', async () => {
    const api = await serve({ handler: 'typed' });
    const { status, json, headers } = await api.request(
      '/invocations',
      post('{"text": 1}', { 'content-type': 'application/json' }),
    );
    expect([status, headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(json.errors).toContainEqual({ path: '$.text', message: 'expected string, got integer' });
  });

  test('streams what a generator yields in the form that is accepted', async () => {
    const api = await serve({ handler: handler('def predict(n: int):\n    for i in range(n):\n        yield i\n') });
    const reply = (accept: string) =>
      api.request('/invocations', post('{"n": 3}', { 'content-type': 'application/json', accept }));
    const events = await reply('text/event-stream');
    expect(events.text).toBe('data: 0\n\ndata: 1\n\ndata: 2\n\nevent: end\ndata: {}\n\n');
    expect(events.headers.get('transfer-encoding')).toBe('chunked');
    expect((await reply('application/x-ndjson')).text).toBe('0\n1\n2\n');
    expect((await reply('application/json')).json).toEqual([0, 1, 2]);
  });

  test('streams bytes as they are', async () => {
    const api = await serve({ handler: handler('def predict():\n    yield b"\\x00\\xff"\n    yield b"end"\n') });
    const response = await fetch(`${api.url}/invocations`, { method: 'POST' });
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from('\x00\xffend', 'latin1'));
  });
});

describe('/execution-parameters', () => {
  test('says what a transform job should run by', async () => {
    const api = await serve({ handler: 'echo', overlay: { concurrency: 4 } });
    expect((await api.request('/execution-parameters')).json).toEqual({
      MaxConcurrentTransforms: 4,
      BatchStrategy: 'SINGLE_RECORD',
      MaxPayloadInMB: 10,
    });
  });

  test('keeps the product within the 100 MB of a transform job, and no size at 0, which would mean any', async () => {
    const large = await serve({ handler: 'async_echo', overlay: { maxBodyBytes: 40 * 1024 * 1024 } });
    expect((await large.request('/execution-parameters')).json).toMatchObject({
      MaxConcurrentTransforms: 2,
      MaxPayloadInMB: 40,
    });
    const small = await serve({ handler: 'async_echo', overlay: { maxBodyBytes: 1024 } });
    expect((await small.request('/execution-parameters')).json).toMatchObject({
      MaxConcurrentTransforms: 100,
      MaxPayloadInMB: 1,
    });
  });
});

test('none of the routes is there when management has a port of its own', async () => {
  const api = await serve({ handler: 'echo', overlay: { managementPort: 0 } });
  const asked = [
    api.request('/ping'),
    api.request('/execution-parameters'),
    api.request('/invocations', post('{"value": 1}', { 'content-type': 'application/json' })),
    api.manage('/ping'),
  ];
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([404, 404, 404, 404]);
});

describe('the port that the platform asks for', () => {
  test('is taken before the one of the configuration', async () => {
    const port = await freePort();
    const api = await serve({ handler: 'echo', env: { SAGEMAKER_BIND_TO_PORT: String(port) } });
    expect(api.url).toBe(`http://127.0.0.1:${port}`);
    expect((await api.request('/ping')).status).toBe(200);
  });

  test.each(['http', '70000', '-1'])('%s is refused before anything starts', async (port) => {
    const api = await serve({ handler: 'echo', env: { SAGEMAKER_BIND_TO_PORT: port }, until: 'exit' });
    expect(await api.exit).toBe(1);
    expect(api.events('failed')[0]?.msg).toBe(`The environment variable SAGEMAKER_BIND_TO_PORT is no port: '${port}'.`);
  });
});
