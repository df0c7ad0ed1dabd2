import { expect, test } from 'vitest';
import { FrameType } from '../../../runtime/gateway/worker/frames';
import { fixture, handler } from './handlers';
import { Worker } from './worker';

/** Waits as `wait` says, and tells how it was left. */
const interruptible = (wait: string) =>
  handler(`
import os, threading, time

def predict(wait: bool = True) -> str:
    if not wait:
        return "done"
    try:
        print("began")
        ${wait}
    except BaseException as error:
        print("left with", type(error).__name__.strip("_").replace("Delivered", "Cancelled"))
        raise
    finally:
        print("finally")
`);

test('a cancelled request that waits is never run', async () => {
  const worker = await Worker.ready(fixture('slow'));
  const running = worker.request({ seconds: 0.3 });
  const waiting = worker.request({ seconds: 0.1 });
  await worker.printed('began 0.3');
  worker.cancel(waiting);
  await worker.result(running);
  expect(await worker.failure(waiting)).toMatchObject({ type: 'Cancelled' });
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['began 0.3']);
});

test.each([
  ['sleeps', 'time.sleep(60)'],
  ['computes', 'while True: pass'],
  ['waits for a lock', 'threading.Lock().__enter__(); lock = threading.Lock(); lock.acquire(); lock.acquire()'],
  ['reads from a pipe', 'os.read(os.pipe()[0], 1)'],
])('a cancelled sync request that %s is interrupted, and its finally runs', async (_what, wait) => {
  const worker = await Worker.ready(interruptible(wait));
  const id = worker.request({});
  await worker.printed('began');
  worker.cancel(id);
  expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['began', 'left with Cancelled', 'finally']);
  expect(await worker.predict({ wait: false })).toBe('done');
});

test('a cancel that comes just as the call goes to sleep is not lost', async () => {
  const worker = await Worker.ready(interruptible('time.sleep(60)'));
  for (let round = 0; round < 100; round += 1) {
    worker.frames.length = 0;
    const id = worker.request({});
    await worker.printed('began');
    worker.cancel(id);
    expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
  }
});

test('in a lane beside the main thread a cancelled request is interrupted too', async () => {
  const worker = await Worker.ready(interruptible('while True: time.sleep(0.005)'), { concurrency: 3 });
  const ids = [1, 2, 3].map(() => worker.request({}));
  await worker.until(() => worker.lines.filter(({ msg }) => msg === 'began').length === 3, 'all began');
  for (const id of ids) worker.cancel(id);
  for (const id of ids) expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
  const last = worker.lines.filter(({ msg }) => msg !== 'began').map(({ id, msg }) => `${id} ${msg}`);
  expect(last.sort()).toEqual(ids.flatMap((id) => [`${id} finally`, `${id} left with Cancelled`]));
  expect(await worker.predict({ wait: false })).toBe('done');
});

test.each([[1], [2]])('a request that prints without end is interrupted, %i at a time', async (concurrency) => {
  const folder = interruptible('while True: print("x" * 1000)');
  const worker = await Worker.ready(folder, { concurrency });
  for (let round = 0; round < 5; round += 1) {
    worker.frames.length = 0;
    const ids = Array.from({ length: concurrency }, () => worker.request({}));
    await worker.until(
      () => ids.every((id) => worker.lines.some((line) => line.id === id && line.msg[0] === 'x')),
      'x',
    );
    for (const id of ids) worker.cancel(id);
    for (const id of ids) expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
    expect(worker.lines.filter(({ msg }) => msg === 'finally').length).toBe(concurrency);
  }
  expect(await worker.predict({ wait: false })).toBe('done');
});

test.each([[1], [4]])('cancels that cross short calls hit nobody else, %i at a time', async (concurrency) => {
  const worker = await Worker.ready(fixture('echo'), { concurrency });
  const ids = Array.from({ length: 400 }, (_, value) => {
    const id = worker.request({ value });
    if (value % 2) worker.cancel(id);
    return id;
  });
  await Promise.all(ids.map((id) => worker.answer(id)));
  for (const [value, id] of ids.entries()) if (value % 2 === 0) expect(await worker.result(id)).toBe(value);
  const answers = worker.frames.filter(({ type }) => type === FrameType.RESULT || type === FrameType.ERROR);
  expect(answers.length).toBe(ids.length);
  expect(await worker.predict({ value: 'alive' })).toBe('alive');
});

test('a cancelled async request stops where it waits, and its finally runs', async () => {
  const worker = await Worker.ready(fixture('async_echo'));
  const id = worker.request({ value: 'a', seconds: 60 });
  await worker.printed('began a');
  worker.cancel(id);
  expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['began a', 'left a']);
});

test.each([
  ['call', 'predict(n: int)', ''],
  ['generator', 'predict(n: int)', '    yield n\n'],
  ['batch', 'predict_batch(n: list[int])', ''],
])(
  'an async %s that is cancelled twice is interrupted once, and its finally comes to its end',
  async (_kind, call, last) => {
    const source = `
import asyncio

event = asyncio.Event()

async def ${call}:
    if (n if isinstance(n, int) else n[0]):
        event.set()
        return
    try:
        print("began")
        await asyncio.sleep(60)
    finally:
        print("finally")
        await event.wait()
        print("cleaned up")
${last}`;
    const worker = await Worker.ready(handler(source));
    const id = worker.request({ n: 0 });
    await worker.printed('began');
    worker.cancel(id);
    await worker.printed('finally');
    worker.cancel(id);
    worker.request({ n: 1 });
    expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
    expect(worker.lines.map(({ msg }) => msg)).toEqual(['began', 'finally', 'cleaned up']);
  },
);

test('a cancelled async request leaves its neighbours alone', async () => {
  const worker = await Worker.ready(fixture('async_echo'));
  const [cancelled, neighbour] = ['a', 'b'].map((value) => worker.request({ value, seconds: 0.3 })) as [number, number];
  await worker.printed('began b');
  worker.cancel(cancelled);
  expect(await worker.result(neighbour)).toBe('b');
});

test('a cancel that crosses the answer does nothing, also not to a later request of that id', async () => {
  const worker = await Worker.ready(fixture('echo'));
  const id = worker.request({ value: 1 });
  await worker.result(id);
  worker.cancel(id);
  worker.frames.length = 0;
  worker.send(FrameType.REQUEST, id, { value: 2 });
  expect(await worker.result(id)).toBe(2);
});

test('every request has exactly one answer', async () => {
  const worker = await Worker.ready(fixture('async_echo'));
  const ids = Array.from({ length: 50 }, (_, value) => worker.request({ value, seconds: value % 2 }));
  for (const id of ids.filter((_, index) => index % 3 === 0)) worker.cancel(id);
  worker.stop();
  await worker.exitCode;
  const answers = worker.frames.filter(({ type }) => type === FrameType.RESULT || type === FrameType.ERROR);
  expect(answers.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids);
});
