/** Workers die: what that costs, who takes over, and when the gateway stops believing in them. */
import { expect, test } from 'vitest';
import { gate, isAlive, queued, until, workerOf } from '../gate';
import { serve } from '../serve';

test.each([
  ['sys.exit', /^The worker running this request exited with code 3\.$/],
  ['segfault', /was killed by SIGSEGV/],
  ['SIGKILL', /was killed by SIGKILL\.$/],
])('a request whose worker dies by %s is told so, and the next is served', async (how, detail) => {
  const api = await serve({ handler: 'dies' });
  const lost = await api.post({ how });
  expect(lost).toMatchObject({ status: 502, json: { code: 'worker_died', retryable: true } });
  expect(lost.json.detail).toMatch(detail);
  expect(await api.post({})).toMatchObject({ status: 200 });
});

test('a dead worker fails only its own request: those that wait are served by the next', async () => {
  const { file } = gate();
  const api = await serve({ handler: 'held' });
  const running = api.post({ name: 'a', until: file });
  await api.output('began a');
  const waiting = ['b', 'c'].map((name) => api.post({ name }));
  await queued(api, 2);
  process.kill(workerOf(api), 'SIGKILL');
  expect((await running).json.code).toBe('worker_died');
  expect((await Promise.all(waiting)).map(({ json }) => json)).toEqual(['b', 'c']);
});

test('of two workers one may die without the other’s request noticing', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held', overlay: { workers: 2 } });
  const replies = ['a', 'b'].map((name) => api.post({ name, until: file }));
  await Promise.all([api.output('began a'), api.output('began b')]);
  process.kill(workerOf(api), 'SIGKILL');
  await api.line('worker_lost');
  open();
  expect((await Promise.all(replies)).map(({ status }) => status).sort()).toEqual([200, 502]);
});

test('requests sent to workers that had just been killed are served by the next ones', async () => {
  const api = await serve({ handler: 'dies' });
  for (let round = 0; round < 10; round += 1) {
    const { json: pid } = await api.post({});
    process.kill(pid, 'SIGKILL');
    const reply = await api.post({});
    expect(reply.status).toBe(200);
    expect(reply.json).not.toBe(pid);
  }
});

test('a worker that dies idle again and again is a crash loop: unready with the reason, and alive', async () => {
  const api = await serve({ handler: 'dies_idle', until: 'listening' });
  await until(async () => (await api.manage('/readyz')).json.detail?.startsWith('Workers die again and again'));
  const unready = await api.manage('/readyz');
  expect(unready).toMatchObject({ status: 503, json: { code: 'not_ready', retryable: true } });
  expect(unready.json.detail).toMatch(/^Workers die again and again: the last exited with code 9\. /);
  expect(await api.manage('/healthz')).toMatchObject({ status: 200 });
});

test('an answer between two deaths ends a row of crashes', async () => {
  const api = await serve({ handler: 'dies' });
  for (let round = 0; round < 6; round += 1) {
    expect((await api.post({ how: 'SIGKILL' })).status).toBe(502);
    expect((await api.post({})).status).toBe(200);
  }
  expect(api.events('worker_lost').map(({ crashes }) => crashes)).toEqual([1, 1, 1, 1, 1, 1]);
});

test('a gateway that is killed leaves no worker behind', async () => {
  const api = await serve({ handler: 'dies' });
  const { json: pid } = await api.post({});
  api.signal('SIGKILL');
  await until(() => !isAlive(pid));
});
