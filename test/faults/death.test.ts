/**
 * Workers that die, in each way a process can and in each state it can be in: what had begun fails with 502, what had
 * not is tried once elsewhere, and the next request is served.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ServingManifest } from '../../runtime/contract/manifest';
import { gate, queued, until, workerOf } from '../runtime/gate';
import { type Serving, serve } from '../runtime/serve';
import { handler } from '../runtime/worker/handlers';

const PROLOGUE = `
import asyncio, ctypes, os, signal, sys, time

print(f"worker {os.getpid()}")

def die(how):
    if how == "sys.exit":
        sys.exit(3)
    if how == "os._exit":
        os._exit(4)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "SIGKILL":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "slow":
        time.sleep(0.05)

def held(until):
    while not os.path.exists(until):
        time.sleep(0.002)
`;

/** Each does to its worker what it is told, says that it has begun, and waits for a file. */
const KINDS = {
  sync: `
def predict(name: str, how: str = "", until: str = "/dev/null") -> str:
    print(f"began {name}")
    die(how)
    held(until)
    return name
`,
  async: `
async def predict(name: str, how: str = "", until: str = "/dev/null") -> str:
    print(f"began {name}")
    die(how)
    while not os.path.exists(until):
        await asyncio.sleep(0.002)
    return name
`,
  batch: `
def predict_batch(items: list[dict]) -> list[str]:
    for item in items:
        print(f"began {item['name']}")
    for item in items:
        die(item.get("how"))
        held(item.get("until", "/dev/null"))
    return [item["name"] for item in items]
`,
  generator: `
def predict(name: str, how: str = "", until: str = "/dev/null"):
    print(f"began {name}")
    yield name
    die(how)
    held(until)
`,
};

type Kind = keyof typeof KINDS;

const serveKind = (kind: Kind, manifest?: Partial<ServingManifest>, workers = 1): Promise<Serving> =>
  serve({ handler: handler(PROLOGUE + KINDS[kind]), manifest, overlay: { workers } });

/** How often a request of this name was begun, in whatever worker. */
const begun = (api: Serving, name: string) => api.logs.filter(({ msg }) => msg === `began ${name}`).length;

/** A gauge of the gateway's. */
async function count(api: Serving, gauge: 'running' | 'queued'): Promise<number> {
  const { text } = await api.manage('/metrics');
  return Number(new RegExp(`^model_api_${gauge} (\\d+)$`, 'm').exec(text)?.[1]);
}

const WAYS: [how: string, told: RegExp][] = [
  ['sys.exit', /exited with code 3/],
  ['os._exit', /exited with code 4/],
  ['segfault', /was killed by SIGSEGV/],
  ['SIGKILL', /was killed by SIGKILL/],
];

test.each<[string, Kind, Partial<ServingManifest>]>([
  ['a sync handler', 'sync', {}],
  ['one of several threads', 'sync', { concurrency: 3 }],
  ['an async handler', 'async', {}],
  ['a batch', 'batch', {}],
])('%s may end its worker in any way: 502 with the way, and the next is served', async (_what, kind, manifest) => {
  const api = await serveKind(kind, manifest);
  for (const [how, told] of WAYS) {
    const lost = await api.post({ name: 'a', how });
    expect(lost).toMatchObject({ status: 502, json: { code: 'worker_died', retryable: true } });
    expect(lost.json.detail).toMatch(told);
    expect(await api.post({ name: 'b' })).toMatchObject({ status: 200, json: 'b' });
  }
  // One worker for each death, and no more.
  expect(api.events('worker_lost')).toHaveLength(WAYS.length);
  expect(api.logs.filter(({ msg }) => /^worker \d+$/.test(msg))).toHaveLength(WAYS.length + 1);
});

test('a generator that ends its worker: what came before it, then an event that says so', async () => {
  const api = await serveKind('generator');
  for (const [how, told] of WAYS) {
    const { status, text } = await api.post({ name: 'a', how });
    expect(status).toBe(200);
    expect(text).toMatch(/^data: "a"\n\nevent: error\n/);
    expect(text).toContain('"code":"worker_died"');
    expect(text).toMatch(told);
    expect((await api.post({ name: 'b' })).text).toMatch(/^data: "b"\n\nevent: end/);
  }
});

/** Ends its worker when its arguments are made, before predict() is called. */
const POISON = `
import os
from dataclasses import dataclass

@dataclass
class Item:
    poison: bool

    def __post_init__(self):
        if self.poison:
            print("poisoned")
            os._exit(9)

`;

test.each([
  ['a call', 'def predict(item: Item, n: int) -> int:\n    return 1\n'],
  ['a call in one of several threads', 'def predict(item: Item, n: int) -> int:\n    return 1\n', { concurrency: 3 }],
  ['an async call', 'async def predict(item: Item, n: int) -> int:\n    return 1\n'],
  ['a batch', 'def predict_batch(item: list[Item], n: list[int]) -> list[int]:\n    return n\n'],
])(
  'what ends its worker when the arguments of %s are made ends no second one',
  async (_what, code, manifest: Partial<ServingManifest> = {}) => {
    const api = await serve({ handler: handler(POISON + code), manifest, overlay: { workers: 2 } });
    expect(await api.post({ item: { poison: false }, n: 1 })).toMatchObject({ status: 200 });
    expect((await api.post({ item: { poison: true }, n: 1 })).json.code).toBe('worker_died');
    await api.line('worker_lost');
    expect(api.logs.filter(({ msg }) => msg === 'poisoned')).toHaveLength(1);
    expect(api.events('worker_lost')).toHaveLength(1);
  },
);

test('killed while idle: nobody notices', async () => {
  const api = await serveKind('sync');
  process.kill(workerOf(api), 'SIGKILL');
  await api.line('worker_lost');
  expect(await api.post({ name: 'a' })).toMatchObject({ status: 200 });
});

test.each<[string, Kind, Partial<ServingManifest>]>([
  ['threads', 'sync', { concurrency: 3 }],
  ['tasks', 'async', { concurrency: 3 }],
  ['items of a batch', 'batch', { batching: { windowMs: 60_000, maxBatchSize: 3 } }],
])(
  'killed while three %s run and others wait: the three fail, the others are served',
  async (_what, kind, manifest) => {
    const { file, open } = gate();
    const api = await serveKind(kind, manifest);
    const lost = ['a', 'b', 'c'].map((name) => api.post({ name, until: file }));
    await Promise.all(['a', 'b', 'c'].map((name) => api.output(`began ${name}`)));
    const waiting = ['d', 'e', 'f'].map((name) => api.post({ name }));
    await queued(api, 3);
    process.kill(workerOf(api), 'SIGKILL');
    expect((await Promise.all(lost)).map(({ json }) => json.code)).toEqual(Array(3).fill('worker_died'));
    expect((await Promise.all(waiting)).map(({ json }) => json)).toEqual(['d', 'e', 'f']);
    expect(['d', 'e', 'f'].map((name) => begun(api, name))).toEqual([1, 1, 1]);
    open();
  },
);

/** A request that holds each worker, and four more that are in the workers, some of them in a socket. */
async function sentAhead(api: Serving, workers: number) {
  for (let round = 0; ; round += 1) {
    // Only a worker that has shown that its requests are over at once is sent some ahead.
    for (let warm = 0; warm < 5; warm += 1)
      await Promise.all(Array.from({ length: 20 * workers }, () => api.post({ name: '' })));
    const { file, open } = gate();
    const held = Array.from({ length: workers }, (_, index) => `held ${round}.${index}`);
    const first = held.map((name) => api.post({ name, until: file }));
    await Promise.all(held.map((name) => api.output(`began ${name}`)));
    const names = ['b', 'c', 'd', 'e'].map((name) => `${name} ${round}`);
    const ahead = names.map((name) => api.post({ name }));
    const all = workers + names.length;
    await until(async () => (await count(api, 'running')) + (await count(api, 'queued')) === all);
    if ((await count(api, 'running')) === all) return { first, names, ahead, open };
    // The machine was too busy for them to be over at once.
    open();
    await Promise.all([...first, ...ahead]);
  }
}

test.each([1, 2])(
  'killed with requests ahead in its socket, %i worker(s): the begun one fails alone',
  async (workers) => {
    const api = await serveKind('sync', {}, workers);
    const { first, names, ahead, open } = await sentAhead(api, workers);
    process.kill(workerOf(api), 'SIGKILL');
    await api.line('worker_lost');
    open();
    const statuses = (await Promise.all(first)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(workers - 1).fill(200), 502]);
    expect((await Promise.all(ahead)).map(({ json }) => json)).toEqual(names);
    expect(names.map((name) => begun(api, name))).toEqual([1, 1, 1, 1]);
  },
);

test('a worker whose requests take long is sent none ahead, so that none waits behind what may kill it', async () => {
  const { file, open } = gate();
  const api = await serveKind('sync');
  await api.post({ name: '', how: 'slow' });
  const first = api.post({ name: 'a', until: file });
  await api.output('began a');
  const waiting = ['b', 'c'].map((name) => api.post({ name }));
  await queued(api, 2);
  open();
  expect((await Promise.all([first, ...waiting])).map(({ json }) => json)).toEqual(['a', 'b', 'c']);
});

/** Whether the process runs: one that has ended and that nobody has asked about does not. */
function runs(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test.each([
  ['sleeps', 'time.sleep(600)'],
  // Unlike CDLL, it keeps the lock while the function runs.
  ["holds Python's lock in C code", 'ctypes.PyDLL(None).sleep(600)'],
])('a gateway that is killed takes along a worker that %s', async (_what, code) => {
  const busy = `def predict() -> None:\n    print("busy")\n    ${code}\n`;
  const api = await serve({ handler: handler(PROLOGUE + busy) });
  const worker = workerOf(api);
  const lost = api.post({}).catch(() => 'no answer');
  await api.output('busy');
  api.signal('SIGKILL');
  expect(await lost).toBe('no answer');
  await until(() => !runs(worker));
});

test('a request that two workers died of without having begun it gets 502, and no third one dies', async () => {
  const env = { MODEL_API_WORKER_DIR: join(import.meta.dirname, '../fixtures/workers/hostile'), HOSTILE: 'leaves' };
  const api = await serve({ handler: 'echo', env });
  expect((await api.post({})).json.code).toBe('worker_died');
  await until(() => api.events('loaded').length === 3);
  expect(api.events('worker_lost').map(({ crashes }) => crashes)).toEqual([1, 2]);
});
