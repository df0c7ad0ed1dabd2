/** Preload: workers, the process that they are forked from, and the gateway end, in every order. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gate, isAlive, until } from '../gate';
import { held, isRunning, loads, preloaded, saying, WHO, who } from '../preloaded';
import { handler } from '../worker/handlers';

test('a killed worker fails what it had begun; what waits is served by one that did not load again', async () => {
  const { file, open } = gate();
  const api = await preloaded({ handler: handler(WHO) });
  const { replies, pids } = await held(api, file, 1);
  const waiting = api.post({});
  await until(async () => (await api.manage('/metrics')).text.includes('\nmodel_api_queued 1\n'));
  process.kill(pids[0] as number, 'SIGKILL');
  expect(await replies[0]).toMatchObject({ status: 502, json: { code: 'worker_died' } });
  open();
  expect((await waiting).status).toBe(200);
  expect((await waiting).json[0]).not.toBe(pids[0]);
  expect(loads(api)).toBe(1);
});

test.each([
  ['sys.exit', /^The worker running this request exited with code 3\.$/],
  ['segfault', /was killed by SIGSEGV/],
  ['SIGKILL', /was killed by SIGKILL\.$/],
])('a forked worker that dies by %s is told as a spawned one is', async (how, detail) => {
  const api = await preloaded({ handler: handler(WHO) });
  const lost = await api.post({ how });
  expect(lost).toMatchObject({ status: 502, json: { code: 'worker_died' } });
  expect(lost.json.detail).toMatch(detail);
  expect(await who(api)).toMatchObject({ calls: 1 });
});

test('what a forked worker has started ends with it', async () => {
  const predict = `import os, subprocess
def predict() -> list[int]:
    return [os.getpid(), subprocess.Popen(["sleep", "600"]).pid]
`;
  const api = await preloaded({ handler: handler(predict) });
  const [pid, child] = (await api.post({})).json;
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(child));
});

test('when the process that loaded is killed workers go on, and the next one loads anew', async () => {
  const api = await preloaded({ handler: handler(WHO) });
  const first = await who(api);
  process.kill(first.loadedBy, 'SIGKILL');
  expect(await api.line('preload_lost')).toMatchObject({ reason: 'was killed by SIGKILL' });
  expect(await who(api)).toEqual({ ...first, calls: 2 });
  process.kill(first.pid, 'SIGKILL');
  const second = await who(api);
  expect(second.loadedBy).not.toBe(first.loadedBy);
  expect(loads(api)).toBe(2);
  // And again: the one that has come in its place is forked as the first was.
  process.kill(second.pid, 'SIGKILL');
  expect(await who(api)).toMatchObject({ loadedBy: second.loadedBy, calls: 1 });
});

test('when the process that loaded hangs it is replaced as soon as it is needed', async () => {
  const api = await preloaded({ handler: handler(WHO) });
  const first = await who(api);
  process.kill(first.loadedBy, 'SIGSTOP');
  process.kill(first.pid, 'SIGKILL');
  const second = await who(api);
  expect(second.loadedBy).not.toBe(first.loadedBy);
  await until(() => !isRunning(first.loadedBy));
});

test('a gateway that is killed leaves no process behind', async () => {
  const { file } = gate();
  const api = await preloaded({ handler: handler(WHO), overlay: { workers: 2 } });
  const { loadedBy } = await who(api);
  const { replies, pids } = await held(api, file, 2);
  const lost = replies.map((reply) => reply.catch(() => undefined));
  api.signal('SIGKILL');
  await Promise.all(lost);
  await until(() => [loadedBy, ...pids].every((pid) => !isRunning(pid)));
});

test('a gateway that is killed while the handler loads leaves no process behind', async () => {
  const folder = handler('import os, time\nprint(f"loaded by {os.getpid()}")\ntime.sleep(600)\ndef predict(): ...\n');
  const api = await preloaded({ handler: folder, until: 'listening' });
  await until(() => loads(api) === 1);
  api.signal('SIGKILL');
  await until(() => !isRunning(Number(saying(api, /^loaded by (\d+)$/)[0])));
});

test('a drain lets forked workers finish and ends all processes', async () => {
  const { file, open } = gate();
  const api = await preloaded({ handler: handler(WHO) });
  const { loadedBy } = await who(api);
  const { replies, pids } = await held(api, file, 1);
  api.signal('SIGTERM');
  await api.line('draining');
  open();
  expect((await replies[0])?.status).toBe(200);
  expect(await api.exit).toBe(0);
  await until(() => [loadedBy, ...pids].every((pid) => !isRunning(pid)));
});

test('a reload loads anew, what the old workers run is finished, and the old processes go', async () => {
  const { file, open } = gate();
  const folder = handler(WHO);
  const api = await preloaded({ handler: folder });
  const { replies, pids } = await held(api, file, 1);
  const [old] = saying(api, /^loaded by (\d+)$/).map(Number) as [number];
  writeFileSync(join(folder, 'predict.py'), 'def predict() -> str:\n    return "new"\n');
  api.signal('SIGHUP');
  await api.line('reloaded');
  expect((await api.post({})).json).toBe('new');
  expect(isRunning(old)).toBe(true);
  open();
  expect((await replies[0])?.status).toBe(200);
  await until(() => [old, ...pids].every((pid) => !isRunning(pid)));
  expect(api.events('preload_lost')).toEqual([]);
  expect(api.events('worker_lost')).toEqual([]);
});

test('of two reloads in a row the newer one wins, and nothing of the older is left', async () => {
  const folder = handler(WHO);
  const api = await preloaded({ handler: folder });
  writeFileSync(join(folder, 'predict.py'), 'import os, time\nprint(f"hanging {os.getpid()}")\ntime.sleep(600)\n');
  api.signal('SIGHUP');
  await until(() => saying(api, /^hanging (\d+)$/).length === 1);
  writeFileSync(join(folder, 'predict.py'), 'def predict() -> str:\n    return "third"\n');
  api.signal('SIGHUP');
  await api.line('reloaded');
  expect((await api.post({})).json).toBe('third');
  await until(() => !isRunning(Number(saying(api, /^hanging (\d+)$/)[0])));
  expect(api.events('reload_failed')).toEqual([]);
});

test('a handler that cannot be loaded is told with its traceback, once an attempt', async () => {
  const overlay = { loadAttempts: 2, workers: 2 };
  const api = await preloaded({ handler: 'fails_to_load', overlay, until: 'exit' });
  expect(await api.exit).toBe(3);
  expect(api.events('load_failed')).toMatchObject([{ attempt: 1 }, { attempt: 2 }]);
  expect(api.events('load_failed')[0]?.error).toMatchObject({
    type: 'RuntimeError',
    message: 'the weights are missing',
    traceback: expect.stringContaining('predict.py", line 3'),
  });
});

test('a process that dies while it loads is told with its last words', async () => {
  const api = await preloaded({ handler: 'dies_loading', overlay: { loadAttempts: 1 }, until: 'exit' });
  expect(await api.exit).toBe(3);
  expect(api.events('load_failed')[0]?.error).toMatchObject({
    message: 'The worker exited with code 7 before the handler was loaded.',
    traceback: expect.stringContaining('libmodel.so: undefined symbol'),
  });
});

test('a handler that never loads is given up after the load timeout', async () => {
  const overlay = { loadTimeoutMs: 1_000 };
  const api = await preloaded({ handler: 'never_loads', overlay, until: 'exit' });
  expect(await api.exit).toBe(3);
  expect(api.events('load_failed')[0]?.error).toMatchObject({ message: 'The handler had not loaded after 1 s.' });
});

test('a request that outlives its deadline is ended, and its worker replaced without a load', async () => {
  const hangs = `import os, signal
print(f"loaded by {os.getpid()}")
def predict(hang: bool = False) -> int:
    if hang:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            pass
    return os.getpid()
`;
  const api = await preloaded({ handler: handler(hangs), overlay: { requestTimeoutMs: 500 } });
  const { json: pid } = await api.post({});
  expect((await api.post({ hang: true })).status).toBe(504);
  await api.line('worker_lost');
  expect((await api.post({})).json).not.toBe(pid);
  expect(loads(api)).toBe(1);
});
