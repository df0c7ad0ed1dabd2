/** Who is let in when an API asks for keys: a real gateway that reads a real Secrets Manager emulator. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { describeWith } from '../../setup/needs';
import { until } from '../gate';
import { secretOfKeys } from '../secret';
import type { Serving } from '../serve';

const OLD = 'the-old-key-of-team-a';
const NEW = 'the-new-key-of-team-a';
const OTHER = 'the-only-key-of-team-b';
const UNKNOWN = 'a-key-that-nobody-has';

const xApiKey = (key: string) => ({ 'x-api-key': key });

async function ready(api: Serving): Promise<Serving> {
  await until(async () => (await api.manage('/readyz')).status === 200);
  return api;
}

const usage = (api: Serving) => api.events('key_usage').map(({ key_id, requests }) => [key_id, requests]);

describeWith(['moto'], 'API keys', () => {
  const secret = secretOfKeys();

  test('a key of the secret is let in, by either header, and its id stands in the log', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve());
    expect(await api.post({ value: 1 }, { ...xApiKey(OLD), 'x-request-id': 'first' })).toMatchObject({ status: 200 });
    expect(await api.post({ value: 2 }, { authorization: `bearer ${OLD}` })).toMatchObject({ status: 200, json: 2 });
    expect(await api.line(({ request_id }) => request_id === 'first')).toMatchObject({ key_id: 'team-a', status: 200 });
  });

  test('of both headers X-Api-Key counts, unless it is empty', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve());
    const bearer = { authorization: `Bearer ${OLD}` };
    expect((await api.post({ value: 1 }, { ...xApiKey(''), ...bearer })).status).toBe(200);
    expect((await api.post({ value: 1 }, { ...xApiKey('short'), ...bearer })).status).toBe(401);
  });

  test('a missing, an unknown and a malformed key get one answer but for its words', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve());
    const sent: Record<string, string>[] = [{}, xApiKey(UNKNOWN), xApiKey('short'), { authorization: 'Basic a2V5' }];
    const [missing, unknown, ...others] = await Promise.all(sent.map((headers) => api.post({ value: 1 }, headers)));
    expect(missing?.json).toMatchObject({ code: 'unauthenticated', retryable: false });
    expect(missing?.json.detail).toBe('Send a key in the header X-Api-Key, or as a bearer token.');
    expect(unknown?.json.detail).toBe("The key is none of this API's keys.");
    for (const reply of [missing, unknown, ...others]) {
      expect(reply?.status).toBe(401);
      expect(reply?.headers.get('www-authenticate')).toBe('ApiKey, Bearer');
    }
  });

  test('a caller without a key can wait as long as it likes: that is no latency of the API', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve());
    for (const headers of [{}, xApiKey(UNKNOWN)]) expect((await api.post({ value: 1 }, headers)).status).toBe(401);
    await api.post({ value: 1 }, xApiKey(OLD));
    const { text } = await api.manage('/metrics');
    expect(text).toContain('\nmodel_api_requests_total{code="401"} 2\n');
    expect(text).toContain('\nmodel_api_request_duration_seconds_count 1\n');
  });

  test('each of several ids, and each key of a list, is let in and counted under its id', async () => {
    await secret.put({ 'team-a': [NEW, OLD], 'team-b': OTHER });
    const api = await ready(await secret.serve());
    for (const key of [OLD, NEW, OTHER]) expect((await api.post({ value: 1 }, xApiKey(key))).status).toBe(200);
    const { text } = await api.manage('/metrics');
    expect(text).toContain('model_api_api_key_requests_total{key="team-a"} 2\n');
    expect(text).toContain('model_api_api_key_requests_total{key="team-b"} 1\n');
    api.signal('SIGTERM');
    await api.exit;
    expect(usage(api)).toEqual([
      ['team-a', 2],
      ['team-b', 1],
    ]);
  });

  test('every route of the traffic port asks for a key, none of the management port does', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve());
    expect((await api.request('/openapi.json')).status).toBe(401);
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await api.request(path, { headers: xApiKey(OLD) })).status).toBe(404);
      expect((await api.manage(path)).status).toBe(200);
    }
  });

  test('404 and 405 come before 401, and 401 before all that looks at the body', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve({ overlay: { maxBodyBytes: 10 } }));
    expect((await api.request('/nowhere')).status).toBe(404);
    expect((await api.request('/predict')).status).toBe(405);
    const large = 'x'.repeat(100);
    expect((await api.postRaw(large)).status).toBe(401);
    expect((await api.postRaw(large, xApiKey(UNKNOWN))).status).toBe(401);
    expect((await api.postRaw(large, xApiKey(OLD))).status).toBe(413);
  });

  test('whoever waits to be told to go on with a body is refused instead', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve());
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.write('POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n');
    const [answer] = await new Promise<string[]>((resolve) => socket.once('data', (chunk) => resolve([`${chunk}`])));
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  test('the OpenAPI document says how to send a key, and that there is a 401', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve());
    const { json } = await api.request('/openapi.json', { headers: xApiKey(OLD) });
    expect(json.components.securitySchemes.ApiKey).toEqual({ type: 'apiKey', in: 'header', name: 'X-Api-Key' });
    expect(json.security).toEqual([{ ApiKey: [] }, { Bearer: [] }]);
    expect(json.paths['/predict'].post.responses['401']).toEqual({ $ref: '#/components/responses/Problem' });
  });

  test('no line of the log has a key, used or refused', async () => {
    await secret.put({ 'team-a': OLD, 'team-b': OTHER });
    const api = await ready(await secret.serve());
    for (const key of [OLD, OTHER, UNKNOWN]) await api.post({ value: 1 }, xApiKey(key));
    await secret.put(`{"${NEW}": "team-a"}`);
    await api.post({ value: 1 }, { authorization: `Bearer ${UNKNOWN}` });
    await api.line('keys_invalid');
    api.signal('SIGTERM');
    await api.exit;
    const text = JSON.stringify(api.logs);
    expect(api.logs.filter(({ status }) => status !== undefined)).toHaveLength(4);
    for (const key of [OLD, NEW, OTHER, UNKNOWN]) expect(text).not.toContain(key);
  });

  test('a replica is not ready before the keys are read, and says why', async () => {
    await secret.put({ 'team-a': OLD });
    secret.isDown = true;
    const api = await secret.serve();
    expect(await api.manage('/readyz')).toMatchObject({
      status: 503,
      json: { detail: 'The API keys have not been read yet.' },
    });
    expect(await api.post({ value: 1 }, xApiKey(OLD))).toMatchObject({ status: 503, json: { code: 'not_ready' } });
    secret.isDown = false;
    await api.line('keys_readable');
    expect(await ready(api).then(() => api.post({ value: 1 }, xApiKey(OLD)))).toMatchObject({ status: 200 });
  });

  test('a secret that cannot be read by the load timeout is named, with what AWS says and what to do', async () => {
    const api = await secret.serve({ overlay: { loadTimeoutMs: 1_500 }, until: 'exit' });
    expect(await api.exit).toBe(1);
    expect(api.events('failed')[0]?.msg).toMatch(
      new RegExp(`^The API keys cannot be read from ${secret.arn}: ResourceNotFoundException: .+ Is the ARN right`),
    );
  });

  test.each([
    ['["a"]', 'is not a JSON object'],
    [`{"team a": "${OLD}"}`, 'has an id that is not made of'],
    ['{"team-a": "short"}', 'has under its id number 1 a key that is not 16 or more visible ASCII characters'],
  ])('a secret of another form, %s, ends the start with the reason', async (value, reason) => {
    await secret.put(value);
    const api = await secret.serve({ until: 'exit' });
    expect(await api.exit).toBe(1);
    const message = api.events('failed')[0]?.msg;
    expect(message).toContain(`The secret ${secret.arn} ${reason}`);
    expect(message).toContain('Put a value of the form {"id": "key"}');
  });

  test('an outage later refuses no known key, and its beginning and end are told once', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve());
    secret.isDown = true;
    for (const _ of [1, 2]) {
      const undecided = await api.post({ value: 1 }, xApiKey(UNKNOWN));
      expect(undecided).toMatchObject({ status: 503, json: { code: 'not_ready', retryable: true } });
      expect(undecided.headers.get('retry-after')).toBe('2');
    }
    expect((await api.post({ value: 1 }, xApiKey(OLD))).status).toBe(200);
    secret.isDown = false;
    await api.post({ value: 1 }, xApiKey(UNKNOWN));
    expect(api.events('keys_unreadable')).toHaveLength(1);
    expect(api.events('keys_readable')).toHaveLength(1);
  });

  test('a Secrets Manager that does not answer is given up after five seconds, and nobody pays but unknown keys', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve({ overlay: { emf: true } }));
    secret.isStalled = true;
    const began = performance.now();
    const undecided = api.post({ value: 1 }, xApiKey(NEW));
    expect((await api.post({ value: 1 }, xApiKey(OLD))).status).toBe(200);
    expect(await undecided).toMatchObject({ status: 503, json: { code: 'not_ready' } });
    expect(performance.now() - began).toBeGreaterThan(4_000);
    expect(performance.now() - began).toBeLessThan(9_000);
    expect(api.events('keys_unreadable')[0]?.msg).toMatch(/within 5 s\. Is there a way to Secrets Manager/);
    secret.isStalled = false;
    await secret.put({ 'team-a': [OLD, NEW] });
    expect((await api.post({ value: 1 }, xApiKey(NEW))).status).toBe(200);
    api.signal('SIGTERM');
    await api.exit;
    const window = api.logs.find((line) => '_aws' in line);
    expect(window).toMatchObject({ Requests: 3, ServerErrors: 0, Shed: 0, Latency: { Count: 2 } });
  });

  test('a secret that becomes malformed leaves the last good keys, and is told once', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve());
    await secret.put('{"team-a": "short"}');
    for (const _ of [1, 2]) expect((await api.post({ value: 1 }, xApiKey(UNKNOWN))).status).toBe(503);
    expect((await api.post({ value: 1 }, xApiKey(OLD))).status).toBe(200);
    expect(api.events('keys_invalid')).toHaveLength(1);
  });

  test('a flood of unknown keys costs a read a second, and known keys pass through it', async () => {
    await secret.put({ 'team-a': OLD });
    const api = await ready(await secret.serve());
    const before = { reads: secret.reads, at: performance.now() };
    const flood = Array.from({ length: 200 }, (_, index) => api.post({ value: 1 }, xApiKey(`${UNKNOWN}-${index}`)));
    expect((await api.post({ value: 1 }, xApiKey(OLD))).status).toBe(200);
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([401]));
    const seconds = (performance.now() - before.at) / 1_000;
    expect(secret.reads - before.reads).toBeLessThanOrEqual(Math.floor(seconds) + 1);
  });
});
