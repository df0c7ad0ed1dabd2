/**
 * Workers that live and do not answer: at the deadline the caller is told, the worker is asked to stop, has two seconds
 * for it, and is killed and replaced; what other workers do is not disturbed.
 */
import { expect, test } from 'vitest';
import { gate, isAlive, queued, until, workerOf } from '../runtime/gate';
import { type Serving, serve } from '../runtime/serve';
import { handler } from '../runtime/worker/handlers';

const SHORT = { requestTimeoutMs: 300 };

/** `stubborn` swallows what should stop it; `native` never comes back to Python; `blocking` never lets the loop run. */
const HANDLER = `
import collections, itertools, os, time

print(f"worker {os.getpid()}")

def predict(how: str = "", until: str = "") -> int:
    print(f"began {how}")
    while how == "stubborn":
        try:
            time.sleep(60)
        except BaseException:
            pass
    if how == "native":
        collections.deque(itertools.repeat(0), maxlen=0)
    if how == "sleeps":
        time.sleep(60)
    while until and not os.path.exists(until):
        time.sleep(0.002)
    return os.getpid()
`;

const pids = (api: Serving) => api.logs.flatMap(({ msg }) => /^worker (\d+)$/.exec(msg)?.[1] ?? []).map(Number);

const restarts = async (api: Serving, reason: string) =>
  (await api.manage('/metrics')).text.includes(`model_api_worker_restarts_total{reason="${reason}"} 1\n`);

test.each(['stubborn', 'native'])(
  '%s code is killed after deadline and grace; the other worker serves on',
  async (how) => {
    const api = await serve({ handler: handler(HANDLER), overlay: { ...SHORT, workers: 2 } });
    const hung = api.post({ how });
    await api.output(`began ${how}`);
    const served = new Set<number>();
    expect((await hung).json).toMatchObject({ code: 'deadline_exceeded', retryable: true });
    while (api.events('worker_lost').length === 0) {
      const reply = await api.post({});
      expect(reply.status).toBe(200);
      served.add(reply.json);
    }
    expect(served.size).toBe(1);
    const [lost] = api.events('worker_lost');
    expect(lost?.reason).toBe('was killed: it held a request beyond its deadline and did not stop');
    const [dead] = pids(api).filter((pid) => !served.has(pid));
    expect(isAlive(dead as number)).toBe(false);
    expect(await restarts(api, 'hung')).toBe(true);
    await until(() => pids(api).length === 3);
    expect((await api.post({})).status).toBe(200);
  },
);

test('code that can be stopped costs no worker: 504, and the same process answers the next', async () => {
  const api = await serve({ handler: handler(HANDLER), overlay: SHORT });
  expect((await api.post({ how: 'sleeps' })).json.code).toBe('deadline_exceeded');
  expect(await api.post({})).toMatchObject({ status: 200, json: workerOf(api) });
  expect(pids(api)).toHaveLength(1);
});

test('a caller in a hurry is told at once, and kills nobody', async () => {
  const api = await serve({ handler: handler(HANDLER) });
  const hurry = { 'x-model-api-timeout-ms': '100' };
  expect((await api.post({ how: 'sleeps' }, hurry)).json.code).toBe('deadline_exceeded');
  expect(await api.post({})).toMatchObject({ status: 200, json: workerOf(api) });
});

test('what waits beyond its deadline is told so, waits no more and never begins', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held' });
  const running = api.post({ name: 'a', until: file });
  await api.output('began a');
  const late = await api.post({ name: 'b' }, { 'x-model-api-timeout-ms': '50' });
  expect(late.json).toMatchObject({ code: 'deadline_exceeded', detail: expect.stringContaining('waited') });
  await queued(api, 0);
  open();
  expect((await running).status).toBe(200);
  expect((await api.post({ name: 'c' })).status).toBe(200);
  expect(api.logs.filter(({ msg }) => msg === 'began b')).toEqual([]);
});

test('of two workers one is stopped by a signal: its request gets 504, the other’s is served, and it is replaced', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: handler(HANDLER), overlay: { requestTimeoutMs: 1_500, workers: 2 } });
  const both = [api.post({ until: file }), api.post({ until: file })];
  await until(() => api.logs.filter(({ msg }) => msg === 'began ').length === 2);
  const stopped = workerOf(api);
  process.kill(stopped, 'SIGSTOP');
  open();
  const statuses = (await Promise.all(both)).map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 504]);
  await api.line('worker_lost');
  expect(isAlive(stopped)).toBe(false);
  await until(async () => (await api.manage('/metrics')).text.includes('\nmodel_api_ready_workers 2\n'));
});

test('an async handler that blocks its loop: what it had begun beside the hung call fails with the reason', async () => {
  const blocking = `
import asyncio, os, time

print(f"worker {os.getpid()}")

async def predict(block: bool = False) -> int:
    print(f"began {block}")
    while block:
        try:
            time.sleep(60)
        except BaseException:
            pass
    await asyncio.sleep(60)
    return 1
`;
  const api = await serve({ handler: handler(blocking), overlay: { requestTimeoutMs: 1_000 } });
  const beside = api.post({});
  await api.output('began False');
  const hung = api.post({ block: true });
  for (const reply of await Promise.all([hung, beside])) expect(reply.json.code).toBe('deadline_exceeded');
  const { reason } = await api.line('worker_lost');
  expect(reason).toMatch(/^was killed: it held a request beyond its deadline/);
});
