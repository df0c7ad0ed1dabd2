/** Which pages of other origins may call: what a browser asks before, and what every answer says. */
import { expect, test } from 'vitest';
import type { Cors } from '../../../runtime/contract/manifest';
import { type Reply, type Serving, serve } from '../serve';

const PAGE = 'https://app.example.com';
const LIST: Cors = { allowOrigins: [PAGE, 'http://localhost:3000'] };

const ask = (api: Serving, path = '/predict', origin = PAGE, more: Readonly<Record<string, string>> = {}) =>
  api.request(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', ...more } });

const allowed = ({ headers }: Reply) => headers.get('access-control-allow-origin');

test('a page that is allowed is told what it may send, before any key is asked for', async () => {
  const api = await serve({ handler: 'echo', overlay: { cors: { ...LIST, allowHeaders: ['X-Tenant'] } } });
  const { status, text, headers } = await ask(api);
  expect({ status, text }).toEqual({ status: 204, text: '' });
  expect(Object.fromEntries(headers)).toMatchObject({
    'access-control-allow-origin': PAGE,
    'access-control-allow-methods': 'POST',
    'access-control-max-age': '600',
    vary: 'Origin',
  });
  for (const name of ['Content-Type', 'X-Api-Key', 'Authorization', 'X-Model-Api-Timeout-Ms', 'X-Tenant'])
    expect(headers.get('access-control-allow-headers')?.split(', ')).toContain(name);
  for (const name of ['content-type', 'content-length', 'access-control-allow-credentials'])
    expect(headers.has(name)).toBe(false);
  expect((await ask(api, '/openapi.json')).headers.get('access-control-allow-methods')).toBe('GET, HEAD');
});

test("what OpenAI's client for browsers sends is allowed by its names, and nothing else that is asked for", async () => {
  const api = await serve({ handler: 'echo', overlay: { cors: LIST } });
  const sent = ['openai-organization', 'openai-project', 'openai-beta', 'x-stainless-lang', 'X-Stainless-Retry-Count'];
  const others = ['x-tenant', 'cookie', 'my-x-stainless-os', 'x-stainless-', 'openai', 'x-stainless-a b', '*'];
  const wanted = { 'access-control-request-headers': [...sent, ...others].join(',') };
  const plain = (await ask(api)).headers.get('access-control-allow-headers');
  const asked = (await ask(api, '/v1/chat/completions', PAGE, wanted)).headers.get('access-control-allow-headers');
  expect(asked).toBe(`${plain}, ${sent.join(', ')}`);
  expect(plain?.split(', ')).toContain('User-Agent');
  const stranger = await ask(api, '/v1/chat/completions', 'https://evil.example.com', wanted);
  expect(stranger.headers.has('access-control-allow-headers')).toBe(false);
});

test.each(['node', 'strict'])(
  'caches learn of everything that an answer depends on, whose front is %s',
  async (front) => {
    const env = { MODEL_API_HTTP_FRONT: front };
    const api = await serve({ handler: 'echo', overlay: { cors: LIST }, env });
    const data = Array(500).fill(1_000_000);
    const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'INT64', shape: [500], data }] });
    for (const coding of ['gzip', 'identity']) {
      const headers = { origin: PAGE, 'accept-encoding': coding };
      const reply = await api.request('/v2/models/model/infer', { method: 'POST', body, headers });
      expect(reply.headers.get('content-encoding')).toBe(coding === 'gzip' ? 'gzip' : null);
      expect(reply.headers.get('vary')).toBe('Origin, Accept-Encoding');
      expect(allowed(reply)).toBe(PAGE);
    }
  },
);

test('every answer to a page that is allowed may be read by it, a refusal too', async () => {
  const api = await serve({ handler: 'echo', overlay: { cors: LIST } });
  const headers = { origin: PAGE };
  const replies = await Promise.all([
    api.post({ value: 1 }, headers),
    api.post({ wrong: 1 }, headers),
    api.postRaw('{', { 'content-type': 'application/json', ...headers }),
    api.request('/nowhere', { headers }),
    api.request('/predict', { headers }),
    ask(api, '/nowhere'),
  ]);
  expect(replies.map(({ status }) => status)).toEqual([200, 422, 400, 404, 405, 404]);
  for (const reply of replies) {
    expect(allowed(reply)).toBe(PAGE);
    expect(reply.headers.get('vary')).toBe('Origin');
    expect(reply.headers.get('access-control-expose-headers')).toMatch(/^X-Request-Id, Server-Timing, Retry-After/);
  }
});

test('a browser asks without a key, and a page without one may read that it needs one', async () => {
  // Nobody reads the keys here: whoever comes to where they are asked for is told so.
  const env = {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
  };
  const overlay = { cors: LIST, apiKeysSecret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:keys' };
  const api = await serve({ handler: 'echo', overlay, env, until: 'listening' });
  expect(await ask(api)).toMatchObject({ status: 204 });
  const refused = await api.post({ value: 1 }, { origin: PAGE });
  expect(refused).toMatchObject({ status: 503, json: { code: 'not_ready' } });
  expect(allowed(refused)).toBe(PAGE);
});

test.each(['https://evil.example.com', 'http://app.example.com', `${PAGE}:8443`, `${PAGE}.evil.com`, 'null'])(
  'a page of %s gets no permission, and no cache gives it that of others',
  async (origin) => {
    const api = await serve({ handler: 'echo', overlay: { cors: LIST } });
    const preflight = await ask(api, '/predict', origin);
    const reply = await api.post({ value: 1 }, { origin });
    for (const { headers } of [preflight, reply]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(headers.get('vary')).toBe('Origin');
    }
  },
);

test('an asterisk lets every page call, with the same answer to all', async () => {
  const api = await serve({ handler: 'echo', overlay: { cors: { allowOrigins: ['*'], maxAgeSeconds: 5 } } });
  for (const reply of [await ask(api), await api.post({ value: 1 }, { origin: PAGE }), await api.post({ value: 1 })]) {
    expect(allowed(reply)).toBe('*');
    expect(reply.headers.has('vary')).toBe(false);
  }
  expect((await ask(api)).headers.get('access-control-max-age')).toBe('5');
});

test('preflights are no requests of the API: neither logged nor counted', async () => {
  const api = await serve({ handler: 'echo', overlay: { cors: LIST } });
  await ask(api);
  await api.post({ value: 1 }, { origin: PAGE });
  expect((await api.manage('/metrics')).text).toMatch(/\nmodel_api_request_duration_seconds_count 1\n/);
  expect(api.logs.filter(({ status }) => status === 204)).toEqual([]);
});

test('another OPTIONS is a method like others, and so is any without cors', async () => {
  const api = await serve({ handler: 'echo', overlay: { cors: LIST } });
  expect(await api.request('/predict', { method: 'OPTIONS', headers: { origin: PAGE } })).toMatchObject({
    status: 405,
  });
  const plain = await serve({ handler: 'echo' });
  const refused = await ask(plain);
  expect(refused.status).toBe(405);
  expect([...refused.headers.keys()].filter((name) => /^access-control-|^vary$/.test(name))).toEqual([]);
});

test('the management port has nothing for pages', async () => {
  const api = await serve({ handler: 'echo', overlay: { cors: LIST, managementPort: 0 } });
  const reply = await api.request('/healthz', { headers: { origin: PAGE } }, api.managementUrl);
  expect(allowed(reply)).toBeNull();
});

test.each([
  [['*', PAGE], 'expected at most 1 items'],
  [['app.example.com'], 'expected pattern'],
  [[`${PAGE}/`], 'expected pattern'],
  [[`${PAGE}:443`], 'expected pattern'],
  [['https://App.example.com'], 'expected pattern'],
  [['null'], 'expected pattern'],
  [[], 'expected at least 1 items'],
])('the origins %j are refused at the start', async (allowOrigins, why) => {
  const api = await serve({ handler: 'echo', overlay: { cors: { allowOrigins } }, until: 'exit' });
  expect(await api.exit).toBe(1);
  expect(api.events('failed')[0]?.msg).toContain(why);
});
