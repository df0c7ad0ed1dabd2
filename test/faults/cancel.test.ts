/**
 * Callers that go: what waits never begins, what runs is stopped wherever it stands, its `finally` runs, its place is
 * free at once, and the worker lives on.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { ServingManifest } from '../../runtime/contract/manifest';
import { queued, until, workerOf } from '../runtime/gate';
import { type Serving, serve } from '../runtime/serve';
import { handler } from '../runtime/worker/handlers';

const said = (api: Serving) => api.logs.filter(({ event }) => event === 'output').map(({ msg }) => msg);

/** Sends it, waits until it has begun, and hangs up. */
async function leave(api: Serving, input: object, line = 'began'): Promise<void> {
  const seen = said(api).filter((msg) => msg === line).length;
  const leaver = new AbortController();
  const left = api.post(input, {}, leaver.signal).catch(() => 'left');
  await until(() => said(api).filter((msg) => msg === line).length > seen);
  leaver.abort();
  expect(await left).toBe('left');
}

/** Nothing runs and nothing waits. */
const idle = (api: Serving) =>
  until(async () => {
    const { text } = await api.manage('/metrics');
    return text.includes('\nmodel_api_running 0\n') && text.includes('\nmodel_api_queued 0\n');
  });

const model = (begin: string, wait: string) =>
  handler(`
import asyncio, os, threading, time

print(f"worker {os.getpid()}")

${begin} predict(wait: bool = True):
    if wait:
        try:
            print("began")
            ${wait}
        finally:
            print("finally")
    ${wait.includes('yield') ? 'yield' : 'return'} os.getpid()
`);

test.each<[string, string, string, Partial<ServingManifest>]>([
  ['sleeps', 'def', 'time.sleep(600)', {}],
  ['computes in Python', 'def', 'while True: pass', {}],
  ['waits for a lock', 'def', 'threading.Event().wait()', {}],
  ['sleeps in short turns in one of two threads', 'def', 'while True: time.sleep(0.01)', { concurrency: 2 }],
  ['computes in one of two threads', 'def', 'while True: pass', { concurrency: 2 }],
  ['awaits', 'async def', 'await asyncio.sleep(600)', {}],
  ['awaits others', 'async def', 'await asyncio.gather(asyncio.sleep(600), asyncio.Event().wait())', {}],
  ['is a generator between two items', 'def', 'yield 1; time.sleep(600)', {}],
  ['is a generator before its first item', 'def', 'time.sleep(600); yield 1', {}],
  ['is an async generator between two items', 'async def', 'yield 1; await asyncio.sleep(600)', {}],
])('what %s is stopped, and its place is free at once', async (_what, begin, wait, manifest) => {
  const api = await serve({ handler: model(begin, wait), manifest });
  for (let round = 1; round <= 3; round += 1) {
    await leave(api, {});
    await until(() => said(api).filter((msg) => msg === 'finally').length === round);
    const { status, text } = await api.post({ wait: false });
    expect([status, text]).toEqual([200, expect.stringContaining(String(workerOf(api)))]);
  }
  await idle(api);
  expect(api.events('worker_lost')).toEqual([]);
  expect((await api.manage('/metrics')).text).toContain('model_api_disconnects_total 3\n');
});

test('a generator that is held back by a reader who then goes', async () => {
  const endless = `
import os

print(f"worker {os.getpid()}")

def predict(wait: bool = True):
    try:
        print("began")
        while wait:
            yield "x" * 100_000
        yield os.getpid()
    finally:
        print("finally")
`;
  const api = await serve({ handler: handler(endless) });
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1').pause();
  socket.write('POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}');
  await api.output('began');
  // What is under way is what the socket takes; then the generator waits for credit, until nobody is there to give any.
  const ticks = [''];
  await until(async () => ticks.push(await processorTicks(api)) > 2 && ticks.at(-1) === ticks.at(-2));
  socket.destroy();
  await api.output('finally');
  await idle(api);
  expect((await api.post({ wait: false })).text).toContain(String(workerOf(api)));
  expect(api.events('worker_lost')).toEqual([]);
});

/** What the worker process has used of the processor, in ticks: it stands still when its generator does. */
async function processorTicks(api: Serving): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return readFileSync(`/proc/${workerOf(api)}/stat`, 'utf8')
    .split(' ')
    .slice(13, 15)
    .join(' ');
}

test.each<[string, Partial<ServingManifest>]>([
  ['a sync handler', {}],
  ['two threads', { concurrency: 2 }],
])('of %s, what waits when its caller goes never begins', async (_what, manifest) => {
  const api = await serve({ handler: 'held', manifest });
  const leaver = new AbortController();
  const forever = Array.from({ length: manifest.concurrency ?? 1 }, () =>
    api.post({ name: 'a', until: '/never' }, {}, leaver.signal).catch(() => 'left'),
  );
  await until(() => said(api).filter((msg) => msg === 'began a').length === forever.length);
  const early = new AbortController();
  const gone = api.post({ name: 'b' }, {}, early.signal).catch(() => 'left');
  await queued(api, 1);
  early.abort();
  await gone;
  await queued(api, 0);
  leaver.abort();
  expect(await api.post({ name: 'c' })).toMatchObject({ status: 200 });
  expect(said(api)).not.toContain('began b');
  expect(api.events('worker_lost')).toEqual([]);
});

test('in a batch one that goes is left out while it waits, and costs the others nothing while it runs', async () => {
  const api = await serve({ handler: 'rows', manifest: { batching: { maxBatchSize: 3, windowMs: 60_000 } } });
  const early = new AbortController();
  const gone = api.post({ value: 9 }, {}, early.signal).catch(() => 'left');
  await queued(api, 1);
  early.abort();
  await gone;
  await queued(api, 0);
  const replies = await Promise.all([1, 2, 3].map((value) => api.post({ value })));
  expect(replies.map(({ json }) => json.batch)).toEqual([3, 3, 3]);
  expect(said(api)).toEqual(['batch of 3']);
});

const NATIVE = `
import ctypes, os, time

print(f"worker {os.getpid()}")

def predict(digits: int = 0):
    if digits:
        print("began")
        # One step for the interpreter: nothing can be raised within it.
        sum(range(digits))
        print("ran out")
    return os.getpid()
`;

test('C code that cannot be interrupted runs out, and then its place is free', async () => {
  const api = await serve({ handler: handler(NATIVE) });
  await leave(api, { digits: 40_000_000 });
  expect(await api.post({})).toMatchObject({ status: 200, json: workerOf(api) });
  expect(said(api)).not.toContain('ran out');
  expect(api.events('worker_lost')).toEqual([]);
});

test('C code that does not run out is killed two seconds after the deadline, though its caller has long gone', async () => {
  const api = await serve({ handler: handler(NATIVE), overlay: { requestTimeoutMs: 200 } });
  const stuck = workerOf(api);
  await leave(api, { digits: 10 ** 12 });
  const { reason } = await api.line('worker_lost');
  expect(reason).toMatch(/^was killed: it held a request beyond its deadline/);
  await until(async () => (await api.post({})).status === 200);
  expect(workerOf(api)).not.toBe(stuck);
});
