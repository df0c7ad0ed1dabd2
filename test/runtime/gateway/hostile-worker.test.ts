/** A worker that breaks the protocol is killed and replaced, and costs only what it was running. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../gate';
import { type ServeOptions, type Serving, serve } from '../serve';

function serveHostile(how: string, options: Partial<ServeOptions> = {}): Promise<Serving> {
  const env = { MODEL_API_WORKER_DIR: join(import.meta.dirname, '../../fixtures/workers/hostile'), HOSTILE: how };
  return serve({ handler: 'echo', env, ...options });
}

const messageOf = (api: Serving) => {
  const [failed] = api.events('load_failed') as unknown as { error: { message: string } }[];
  return failed?.error.message;
};

test.each(['oversize', 'unknown type', 'wrong direction', 'unknown id', 'error that is no JSON', 'ready twice'])(
  '%s: the request fails, the worker is replaced',
  async (how) => {
    const api = await serveHostile(how);
    const lost = await api.post({});
    expect(lost.json).toMatchObject({ code: 'worker_died', detail: expect.stringContaining('broke the protocol') });
    await until(() => api.events('loaded').length === 2);
    expect(api.events('worker_lost')[0]?.reason).toMatch(/^was killed: it broke the protocol/);
  },
);

test('closed in the middle of a frame: the request fails', async () => {
  const api = await serveHostile('mid frame');
  expect((await api.post({})).json.code).toBe('worker_died');
});

test.each(['garbage', 'other protocol'])('%s before it is ready: it counts as not loaded', async (how) => {
  const api = await serveHostile(how, { overlay: { loadAttempts: 1 }, until: 'exit' });
  expect(await api.exit).toBe(3);
  expect(messageOf(api)).toMatch(/^The worker was killed: it broke the protocol/);
});

test('one that connects and says nothing is given up after the load timeout', async () => {
  const api = await serveHostile('silent', { overlay: { loadTimeoutMs: 500 }, until: 'exit' });
  expect(await api.exit).toBe(3);
});

test('a schema that cannot be compiled fails the load', async () => {
  const api = await serveHostile('bad schema', { overlay: { loadAttempts: 1 }, until: 'exit' });
  expect(await api.exit).toBe(3);
  expect(messageOf(api)).toMatch(
    /^The handler's input schema cannot be used: can't resolve reference #\/\$defs\/Nowhere/,
  );
});

test('one that does not read is sent no more than the socket takes', async () => {
  const api = await serveHostile('does not read');
  const body = { filler: 'x'.repeat(1024 * 1024) };
  const replies = [1, 2, 3].map(() => api.post(body, { 'x-model-api-timeout-ms': '1500' }));
  await until(async () => (await api.manage('/metrics')).text.includes('\nmodel_api_queued 2\n'));
  expect((await api.manage('/metrics')).text).toContain('\nmodel_api_running 1\n');
  expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([504, 504, 504]);
});
