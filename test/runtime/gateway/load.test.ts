/** The first load: what is answered meanwhile, and how the gateway leaves when the handler cannot be loaded. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { serve } from '../serve';
import { handler } from '../worker/handlers';

test('while the handler loads the gateway is alive and not ready', async () => {
  const api = await serve({ handler: 'never_loads', until: 'listening' });
  expect(await api.manage('/healthz')).toMatchObject({ status: 200, json: { status: 'alive' } });
  expect(await api.manage('/readyz')).toMatchObject({ status: 503, json: { reason: 'loading' } });
  const refused = await api.post({});
  expect(refused).toMatchObject({ status: 503, json: { code: 'not_ready', retryable: true } });
  expect(refused.headers.get('retry-after')).toBe('2');
  expect(await api.request('/openapi.json')).toMatchObject({ status: 503 });
});

test('a handler that cannot be imported is told with its traceback, as often as it was tried', async () => {
  const api = await serve({ handler: 'fails_to_load', overlay: { loadAttempts: 2 }, until: 'exit' });
  expect(await api.exit).toBe(3);
  const [first, second] = api.events('load_failed');
  expect(first).toMatchObject({
    attempt: 1,
    attempts: 2,
    error: {
      type: 'RuntimeError',
      message: 'the weights are missing',
      traceback: expect.stringContaining('predict.py", line 3'),
    },
  });
  expect(second).toMatchObject({ attempt: 2 });
});

test('a process that dies while it loads is told with its last words', async () => {
  const api = await serve({ handler: 'dies_loading', overlay: { loadAttempts: 1 }, until: 'exit' });
  expect(await api.exit).toBe(3);
  expect(api.events('load_failed')[0]?.error).toMatchObject({
    message: 'The worker exited with code 7 before the handler was loaded.',
    traceback: expect.stringContaining('libmodel.so: undefined symbol'),
  });
});

test('a handler that never loads is given up after the load timeout', async () => {
  const api = await serve({ handler: 'never_loads', overlay: { loadTimeoutMs: 1_000 }, until: 'exit' });
  expect(await api.exit).toBe(3);
  expect(api.events('load_failed').map(({ error }) => (error as { message: string }).message)).toEqual([
    'The handler had not loaded after 1 s.',
  ]);
});

test('a Python that is not there is told by its path', async () => {
  const env = { MODEL_API_PYTHON: '/nowhere/python' };
  const api = await serve({ handler: 'echo', env, overlay: { loadAttempts: 1 }, until: 'exit' });
  expect(await api.exit).toBe(3);
  expect(api.events('load_failed')[0]?.error).toMatchObject({
    message: 'The worker could not be started: there is no /nowhere/python.',
  });
});

test('a model directory that is not there is told by its path, and no Python is blamed', async () => {
  const api = await serve({ handler: '/nowhere/model', overlay: { loadAttempts: 1 }, until: 'exit' });
  expect(await api.exit).toBe(3);
  expect(api.events('load_failed')[0]?.error).toMatchObject({
    message: 'The worker could not be started: there is no folder /nowhere/model.',
  });
});

test('a second attempt may succeed', async () => {
  const once = `import os
if not os.path.exists("tried"):
    open("tried", "w").close()
    os._exit(1)
def predict() -> str:
    return "at last"
`;
  const api = await serve({ handler: handler(once) });
  expect((await api.post({})).json).toBe('at last');
  expect(api.events('load_failed')).toHaveLength(1);
});

test('SIGTERM while loading ends the gateway at once', async () => {
  const api = await serve({ handler: 'never_loads', until: 'listening' });
  await api.output('loading for ever');
  api.signal('SIGTERM');
  expect(await api.exit).toBe(0);
  expect(api.events('load_failed')).toEqual([]);
});

test('no socket is left behind, not even while workers run', async () => {
  const folder = handler('');
  await serve({ handler: 'echo', env: { TMPDIR: folder } });
  expect(readdirSync(folder)).toEqual(['predict.py']);
});

test('a port that is taken is told', async () => {
  const { url } = await serve({ handler: 'echo' });
  const port = Number(new URL(url).port);
  const api = await serve({ handler: 'echo', overlay: { port }, until: 'exit' });
  expect(await api.exit).toBe(1);
  expect(api.events('failed')[0]?.msg).toBe(`Port ${port} is taken by another process.`);
});

test.each([
  [
    { overlay: { requestTimeoutMS: 5 } as object },
    "The environment variable MODEL_API_CONFIG is not valid: $.requestTimeoutMS is unknown; did you mean 'requestTimeoutMs'?",
  ],
  [
    { overlay: { basePath: 'iris' } },
    "The environment variable MODEL_API_CONFIG is not valid: $.basePath expected pattern ^(/[A-Za-z0-9._~-]+)*$, got 'iris'",
  ],
  [{ manifest: { concurrency: 0 } }, 'serving.json is not valid: $.concurrency must be >= 1, got 0'],
  [{ env: { MODEL_API_CONFIG: '{"port": }' } }, 'The environment variable MODEL_API_CONFIG is not JSON: '],
  [{ env: { MODEL_API_MANIFEST: '/nowhere/serving.json' } }, 'The serving manifest cannot be read: ENOENT'],
])('bad configuration is one clear error: %j', async (options, message) => {
  const api = await serve({ handler: 'echo', ...options, until: 'exit' });
  expect(await api.exit).toBe(1);
  expect(api.events('failed')[0]?.msg).toContain(message);
});
