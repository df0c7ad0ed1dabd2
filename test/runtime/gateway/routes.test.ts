/** What answers where: paths, methods, the base path and the management port, and the fixed order of the errors. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { serve } from '../serve';

test('an unknown path is not found', async () => {
  const api = await serve({ handler: 'echo' });
  const reply = await api.request('/predictions?x=1', { method: 'POST' });
  expect(reply).toMatchObject({
    status: 404,
    json: { code: 'not_found', detail: 'There is nothing at /predictions.' },
  });
  expect(reply.headers.get('x-request-id')).toBeTruthy();
});

test.each([
  ['GET', '/predict', 'POST'],
  ['HEAD', '/predict', 'POST'],
  ['OPTIONS', '/predict', 'POST'],
  ['POST', '/healthz', 'GET, HEAD'],
  ['DELETE', '/openapi.json', 'GET, HEAD'],
])('%s %s says what is allowed', async (method, path, allow) => {
  const api = await serve({ handler: 'echo' });
  const reply = await api.request(path, { method });
  expect(reply.status).toBe(405);
  expect(reply.headers.get('allow')).toBe(allow);
});

test.each(['/healthz', '/readyz', '/metrics', '/openapi.json'])('HEAD %s answers without a body', async (path) => {
  const api = await serve({ handler: 'echo' });
  expect(await api.request(path, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
});

test("a proxy's request, which names the whole URL, finds the same routes", async () => {
  const api = await serve({ handler: 'echo' });
  const asked = get(api.url, { path: `${api.url}/healthz?deep=1` });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  expect(response.resume().statusCode).toBe(200);
});

test('under a base path nothing answers without it but probes', async () => {
  const api = await serve({ handler: 'echo', overlay: { basePath: '/ml/iris' } });
  const statuses = async (...paths: string[]) =>
    Promise.all(paths.map(async (path) => (await api.request(path)).status));
  expect(await statuses('/ml/iris/predict', '/predict', '/ml/iris', '/ml/irispredict')).toEqual([405, 404, 404, 404]);
  expect(await statuses('/ml/iris/openapi.json', '/openapi.json')).toEqual([200, 404]);
  expect(await statuses('/ml/iris/readyz', '/readyz', '/healthz', '/metrics')).toEqual([200, 200, 200, 200]);
});

test('a management port takes health and metrics off the traffic port', async () => {
  const api = await serve({ handler: 'echo', overlay: { managementPort: 0 } });
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    expect(await api.request(path)).toMatchObject({ status: 404 });
    expect(await api.manage(path)).toMatchObject({ status: 200 });
  }
  expect(await api.request('/v2/repository/index', { method: 'POST' })).toMatchObject({ status: 404 });
  expect(await api.manage('/openapi.json')).toMatchObject({ status: 404 });
  expect(await api.manage('/predict')).toMatchObject({ status: 404 });
});

test('of several mistakes the first in the fixed order is told', async () => {
  const api = await serve({ handler: 'typed', overlay: { maxBodyBytes: 100, queueRequests: 1 } });
  const large = `{"txt": "${'x'.repeat(200)}"`;
  const wrongType = { 'content-type': 'text/plain' };
  const code = async (body: string, headers: Record<string, string>) => (await api.postRaw(body, headers)).json.code;
  expect(await code(large, wrongType)).toBe('payload_too_large');
  expect(await code('{"txt"', wrongType)).toBe('unsupported_media_type');
  expect(await code('{"txt"', { 'content-type': 'application/json' })).toBe('invalid_json');
  expect(await code('{"txt": 1}', { 'content-type': 'application/json' })).toBe('invalid_input');
});
