/** Preload: the handler is loaded once, workers are forked from that, and nobody else sees a difference. */
import { expect, test } from 'vitest';
import { PATH_VARIABLES } from '../../../runtime/contract/manifest';
import { Forking } from '../../../runtime/gateway/worker/forking';
import { singleThreaded } from '../../../runtime/gateway/worker/placement';
import { gate, until } from '../gate';
import { held, loads, preloaded, WHO, who } from '../preloaded';
import { serve } from '../serve';
import { handler } from '../worker/handlers';
import { LIBRARIES, pythonWith } from '../worker/python';

test('two workers serve what one process has loaded', async () => {
  const { file, open } = gate();
  const api = await preloaded({ handler: handler(WHO), overlay: { workers: 2 } });
  const { replies, pids } = await held(api, file, 2);
  open();
  const answers = (await Promise.all(replies)).map(({ json }) => json as number[]);
  expect(answers.map(([pid]) => pid).sort()).toEqual(pids.sort());
  expect(new Set(answers.map(([, loadedBy]) => loadedBy)).size).toBe(1);
  expect(pids).not.toContain(answers[0]?.[1]);
  expect(loads(api)).toBe(1);
});

test('answers, streams, batches and async handlers are those of spawned workers', async () => {
  const inputs: [string, object][] = [
    ['echo', { value: { a: [1, null, 'ü'] } }],
    ['tokens', { count: 20 }],
    ['tokens', { count: 3, fail_after: 1 }],
    ['tokens_async', { count: 3 }],
    ['rows', { value: 2 }],
    ['rows', { value: 2, how: 'raise' }],
    ['async_echo', { value: 1 }],
  ];
  for (const [name, input] of inputs) {
    const apis = await Promise.all([serve({ handler: name }), preloaded({ handler: name })]);
    const [spawned, forked] = await Promise.all(apis.map((api) => api.post(input)));
    expect(comparable(forked?.text)).toEqual(comparable(spawned?.text));
    expect(forked?.status).toBe(spawned?.status);
    expect(apis[1]?.events('preload_unsafe')).toEqual([]);
  }
}, 60_000);

const comparable = (text = '') => text.replace(/"(request_id|instance)":"[^"]*"/g, '');

test('prints carry the id of their request, and what C code writes comes through', async () => {
  const predict = `import os
def predict() -> None:
    print("in Python")
    os.write(2, b"past Python\\n")
`;
  const api = await preloaded({ handler: handler(predict) });
  const { headers } = await api.post({});
  expect(await api.output('in Python')).toMatchObject({ request_id: headers.get('x-request-id') });
  expect(await api.output('past Python')).toMatchObject({ level: 'warning' });
});

const LEFT_BEHIND: [string, string, RegExp][] = [
  [
    'a thread',
    'import threading, time\nthreading.Thread(target=time.sleep, args=[600], name="mine", daemon=True).start()',
    /threads are running: mine/,
  ],
  ['a child process', 'import subprocess\nCHILD = subprocess.Popen(["sleep", "600"])', /it has child processes/],
  ['a socket', 'import socket\nSOCKET = socket.socketpair()', /a network connection or another socket is open/],
  ['an event loop', 'import select\nLOOP = select.epoll()', /an event loop is open/],
  ['a file that is read', 'FILE = open("predict.py")', /the file .*predict\.py is open/],
];

test.each(LEFT_BEHIND)(
  'a handler whose load leaves %s is spawned, with one warning that says so',
  async (_, code, why) => {
    const folder = handler(`${code}\nimport os\ndef predict() -> int:\n    return os.getpid()\n`);
    const api = await preloaded({ handler: folder, overlay: { workers: 2 } });
    const { json: pid } = await api.post({});
    process.kill(pid, 'SIGKILL');
    expect((await api.post({})).status).toBe(200);
    const warnings = api.events('preload_unsafe');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ level: 'warning', reason: expect.stringMatching(why) });
  },
);

test('what is appended to, mapped or closed again is no obstacle', async () => {
  const predict = `import mmap, threading
THREAD = threading.Thread(target=int)
THREAD.start()
THREAD.join()
LOG = open("log.txt", "a")
with open("predict.py", "rb") as file:
    MAPPED = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
def predict() -> str:
    return MAPPED[:6].decode()
`;
  const api = await preloaded({ handler: handler(predict) });
  expect((await api.post({})).json).toBe('import');
  expect(api.events('preload_unsafe')).toEqual([]);
});

test('elsewhere than on Linux workers are spawned', () => {
  const reasons: string[] = [];
  const spec = { python: 'python3', workerDir: '.', handlerDir: '.', entry: 'predict.py', config: {} };
  const quiet = { printed() {}, measured() {}, wrote() {}, lost() {} };
  new Forking(spec, { ...quiet, unsafe: (why) => reasons.push(why) }, 'darwin');
  expect(reasons).toEqual(['only Linux is known to fork a loaded process safely']);
});

test('libraries keep one thread while the handler loads, unless the user says another number', () => {
  expect(singleThreaded({ OMP_NUM_THREADS: '4' })).toMatchObject({ OPENBLAS_NUM_THREADS: '1' });
  expect(singleThreaded({ OMP_NUM_THREADS: '4' })).not.toHaveProperty('OMP_NUM_THREADS');
});

test('each worker answers the samples before it is ready', async () => {
  const folder = handler(WHO, { 'samples/one.json': '{"input": {}}' });
  const api = await preloaded({ handler: folder });
  const first = await who(api);
  expect(first.calls).toBe(2);
  process.kill(first.pid, 'SIGKILL');
  expect(await who(api)).toMatchObject({ loadedBy: first.loadedBy, calls: 2 });
});

test('a sample that kills its worker is named, with what the worker wrote last', async () => {
  const predict = `import os
def predict() -> None:
    os.write(2, b"libmodel.so: assertion failed\\n")
    os._exit(7)
`;
  const folder = handler(predict, { 'samples/one.json': '{"input": {}}' });
  const api = await preloaded({ handler: folder, overlay: { loadAttempts: 1 }, until: 'exit' });
  expect(await api.exit).toBe(3);
  expect(api.events('load_failed')[0]?.error).toMatchObject({
    message: 'The worker exited with code 7 while it answered samples/one.json.',
    sample: 'samples/one.json',
    traceback: expect.stringContaining('libmodel.so: assertion failed'),
  });
});

test('a worker that has served enough is replaced by another of the same load', async () => {
  const api = await preloaded({ handler: handler(WHO), overlay: { recycleRequests: 2 } });
  const first = await who(api);
  await until(async () => (await who(api)).pid !== first.pid);
  expect((await who(api)).loadedBy).toBe(first.loadedBy);
  expect(loads(api)).toBe(1);
});

test('what the handler counts while it loads is counted once, and each worker goes on', async () => {
  const { file, open } = gate();
  const counts = `import os, time, model_api
LOADS = model_api.counter("loads_of_mine")
LOADS.add()
CALLS = model_api.counter("calls_of_mine")
def predict(until: str = "") -> None:
    print(f"held by {os.getpid()}")
    while until and not os.path.exists(until):
        time.sleep(0.002)
    CALLS.add()
`;
  const api = await preloaded({ handler: handler(counts), overlay: { workers: 2 } });
  const { replies } = await held(api, file, 2);
  open();
  await Promise.all(replies);
  await until(async () => /calls_of_mine\S* 2\n/.test((await api.manage('/metrics')).text));
  expect((await api.manage('/metrics')).text).toMatch(/loads_of_mine\S* 1\n/);
});

test('each worker has random numbers and an environment of its own, and the handlers of signals that the load has set', async () => {
  const predict = `import os, random, signal, time
random.seed(1)
signal.signal(signal.SIGCHLD, lambda *_: None)
def predict(until: str) -> list:
    print(f"held by {os.getpid()}")
    while not os.path.exists(until):
        time.sleep(0.002)
    set = callable(signal.getsignal(signal.SIGCHLD)) and signal.getsignal(signal.SIGCHLD).__name__ == "<lambda>"
    return [random.random(), os.getsid(0) == os.getpid(), set, os.environ["CUDA_VISIBLE_DEVICES"]]
`;
  const { file, open } = gate();
  const env = { CUDA_VISIBLE_DEVICES: '4,7' };
  const api = await preloaded({ handler: handler(predict), overlay: { workers: 2 }, env });
  const { replies } = await held(api, file, 2);
  open();
  const answers = (await Promise.all(replies)).map(({ json }) => json);
  expect(answers[0][0]).not.toBe(answers[1][0]);
  expect(answers.map(([, ...rest]) => rest).sort()).toEqual([
    [true, true, '4'],
    [true, true, '7'],
  ]);
});

test('numpy keeps no threads that forbid a fork, and gives each worker random numbers of its own', async () => {
  const predict = `import os, time
import numpy as np
np.random.seed(1)
WEIGHTS = np.ones((300, 300)) @ np.ones((300, 300))
def predict(until: str) -> float:
    print(f"held by {os.getpid()}")
    while not os.path.exists(until):
        time.sleep(0.002)
    return float(np.random.random() + 0 * WEIGHTS.sum())
`;
  const { file, open } = gate();
  const env = { [PATH_VARIABLES.python]: pythonWith(LIBRARIES) };
  const api = await preloaded({ handler: handler(predict), overlay: { workers: 2 }, env });
  const { replies } = await held(api, file, 2);
  open();
  const [one, other] = (await Promise.all(replies)).map(({ json }) => json);
  expect(one).not.toBe(other);
  expect(api.events('preload_unsafe')).toEqual([]);
}, 180_000);
