import { expect, test } from 'vitest';
import { durationMs, Flag, FrameType, STREAM_CREDIT } from '../../../runtime/gateway/worker/frames';
import { described, handler } from './handlers';
import { Worker } from './worker';

/** The same generator, sync and async. */
const BOTH = [
  ['def', 'time.sleep(60)'],
  ['async def', 'await asyncio.sleep(60)'],
] as const;

const IMPORTS = 'import asyncio, os, threading, time\nfrom typing import *\n\n';

const generator = (def: string, body: string, parameters = '') =>
  handler(`${IMPORTS}${def} predict(${parameters}):\n${body.replace(/^/gm, '    ')}\n`);

test.each(BOTH)('the items of a %s generator are JSON lines, and END says how long it took', async (def) => {
  const worker = await Worker.ready(generator(def, 'for n in range(5):\n    yield {"n": n, "text": "a\\nb"}'));
  const id = worker.request({});
  expect(await worker.stream(id)).toEqual([0, 1, 2, 3, 4].map((n) => ({ n, text: 'a\nb' })));
  const end = await worker.ended(id);
  expect(end.type).toBe(FrameType.END);
  expect(durationMs(end.n)).toBeGreaterThan(0);
  const count = worker.chunks(id).reduce((sum, { n }) => sum + n, 0);
  expect(count).toBe(5);
});

test.each(BOTH)('a %s generator without items ends without a chunk', async (def) => {
  const worker = await Worker.ready(generator(def, 'if False: yield 1'));
  const id = worker.request({});
  expect(await worker.stream(id)).toEqual([]);
  expect(worker.frames.filter((frame) => frame.id === id).map(({ type }) => type)).toEqual([FrameType.END]);
});

test.each(BOTH)('of a %s generator that then hangs, the first item and those after it have come', async (def, hang) => {
  const worker = await Worker.ready(generator(def, `yield 1\nyield 2\nyield 3\n${hang}`));
  const id = worker.request({});
  await worker.until(() => worker.items(id).length === 3, 'three items');
  expect(worker.chunks(id).map(({ n }) => n)).toEqual([1, 2]);
});

test('items that come fast are joined, and those that come slowly are not held', async () => {
  const worker = await Worker.ready(
    generator('def', 'for n in range(200):\n    yield n\ntime.sleep(0.02)\nyield 200\ntime.sleep(0.02)\nyield 201'),
  );
  const id = worker.request({});
  expect((await worker.stream(id)).length).toBe(202);
  const sizes = worker.chunks(id).map(({ n }) => n);
  expect(sizes[0]).toBe(1);
  expect(sizes.slice(-2)).toEqual([1, 1]);
  expect(sizes.length).toBeLessThan(20);
});

test.each(BOTH)('a %s generator is not polled while there is no credit', async (def) => {
  // Each item fills a chunk of its own.
  const folder = generator(def, 'for n in range(100):\n    print("polled", n)\n    yield "x" * 20_000');
  const worker = await Worker.ready(folder);
  const polled = () => worker.lines.filter(({ msg }) => msg.startsWith('polled')).length;
  const id = worker.request({});
  await worker.until(() => worker.chunks(id).length === STREAM_CREDIT, 'all the credit is used');
  // Whatever it would do without credit, it has done when another request is answered.
  const other = worker.request({});
  if (def === 'async def') await worker.until(() => worker.chunks(other).length === STREAM_CREDIT, 'the other too');
  expect(worker.chunks(id).length).toBe(STREAM_CREDIT);
  expect(polled()).toBe(def === 'async def' ? 2 * STREAM_CREDIT : STREAM_CREDIT);
  worker.credit(id, 3);
  await worker.until(() => worker.chunks(id).length === STREAM_CREDIT + 3, 'three more');
  worker.credit(id, 100);
  expect((await worker.stream(id)).length).toBe(100);
});

test.each(BOTH)('a %s generator of large items is held back once 1 MiB is under way', async (def) => {
  const worker = await Worker.ready(generator(def, 'for n in range(9):\n    yield b"x" * 600_000'));
  const id = worker.request({});
  await worker.until(() => worker.chunks(id).length === 2, 'two items, which are more than 1 MiB');
  worker.credit(id, 1);
  await worker.until(() => worker.chunks(id).length === 3, 'one more');
  worker.credit(id, 2);
  await worker.until(() => worker.chunks(id).length === 5, 'two more');
  worker.credit(id, 3);
  expect((await worker.ended(id)).type).toBe(FrameType.END);
  expect(worker.chunks(id).length).toBe(9);
});

const FINALLY = (wait: string) => `try:
    print("began")
    yield 1
    ${wait}
finally:
    print("finally")`;

test.each(BOTH)('CANCEL stops a %s generator where it waits, and its finally runs', async (def, hang) => {
  const worker = await Worker.ready(generator(def, FINALLY(hang)));
  const id = worker.request({});
  await worker.until(() => worker.items(id).length === 1, 'an item');
  worker.cancel(id);
  expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['began', 'finally']);
});

test.each(BOTH)('CANCEL stops a %s generator that waits for credit, and its finally runs', async (def) => {
  const worker = await Worker.ready(generator(def, FINALLY('while True: yield "x" * 20_000')));
  const id = worker.request({});
  await worker.until(() => worker.chunks(id).length === STREAM_CREDIT, 'all the credit is used');
  worker.cancel(id);
  expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['began', 'finally']);
});

test.each(BOTH)('CANCEL stops a %s generator that never waits for anything', async (def) => {
  const worker = await Worker.ready(generator(def, FINALLY('while True: yield 1')));
  const id = worker.request({});
  await worker.until(() => worker.chunks(id).length === STREAM_CREDIT, 'all the credit is used');
  worker.credit(id, 0xffff);
  worker.cancel(id);
  expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['began', 'finally']);
});

test.each(BOTH)('an error in a %s generator comes after its items, and ends the stream', async (def) => {
  const worker = await Worker.ready(generator(def, 'yield 1\nyield 2\nraise ValueError("no more")'));
  const id = worker.request({});
  const last = await worker.ended(id);
  expect(last.type).toBe(FrameType.ERROR);
  expect(JSON.parse(last.body.toString())).toMatchObject({ kind: 'handler', message: 'no more', line: 7 });
  expect(worker.items(id)).toEqual([1, 2]);
});

test.each(BOTH)(
  'an item of a %s generator that has no JSON form ends the stream, and its finally runs',
  async (def) => {
    const worker = await Worker.ready(generator(def, FINALLY('yield float("nan")')));
    const id = worker.request({});
    await worker.ended(id);
    expect(await worker.failure(id)).toMatchObject({ kind: 'result', message: '$ is nan, which JSON cannot express' });
    expect(worker.lines.map(({ msg }) => msg)).toEqual(['began', 'finally']);
  },
);

test.each(BOTH)('a %s generator that begins with bytes is a stream of bytes', async (def) => {
  const worker = await Worker.ready(generator(def, 'yield b"\\xff"\nyield "grüß"\nyield bytearray(b"!")'));
  const id = worker.request({});
  await worker.ended(id);
  const chunks = worker.chunks(id);
  expect(Buffer.concat(chunks.map(({ body }) => body))).toEqual(
    Buffer.concat([Buffer.from([255]), Buffer.from('grüß!')]),
  );
  expect(chunks.map(({ flags }) => flags)).toEqual(chunks.map(() => Flag.BYTES));
});

test('in a stream of bytes a number is no item', async () => {
  const worker = await Worker.ready(generator('def', 'yield b"a"\nyield 1'));
  const id = worker.request({});
  await worker.ended(id);
  expect(await worker.failure(id)).toMatchObject({ kind: 'result', message: expect.stringContaining('of type int') });
});

test.each([
  ['def', 3, 'barrier.wait()'],
  ['async def', undefined, 'await asyncio.sleep(0.01)'],
])('many %s streams run at once', async (def, concurrency, meet) => {
  const body = `for n in range(20):\n    ${meet}\n    yield n`;
  const folder = handler(
    `${IMPORTS}barrier = threading.Barrier(3)\n${def} predict():\n${body.replace(/^/gm, '    ')}\n`,
  );
  const worker = await Worker.ready(folder, { concurrency });
  const ids = [1, 2, 3].map(() => worker.request({}));
  const all = await Promise.all(ids.map((id) => worker.stream(id)));
  expect(all).toEqual(ids.map(() => Array.from({ length: 20 }, (_, n) => n)));
});

test.each([
  ['returns a generator', 'def predict():\n    return (n for n in range(3))\n'],
  ['returns an iterator it has promised', 'def predict() -> Iterator[int]:\n    return iter([0, 1, 2])\n'],
  ['awaits and returns a generator', 'async def predict():\n    return (n for n in range(3))\n'],
  [
    'returns an async generator',
    'async def items():\n    for n in range(3): yield n\n\nasync def predict():\n    return items()\n',
  ],
  [
    'returns the async iterator it has promised',
    'async def items():\n    for n in range(3): yield n\n\ndef predict() -> AsyncIterator[int]:\n    return items()\n',
  ],
])('a predict() that %s streams', async (_what, predict) => {
  const worker = await Worker.ready(handler(IMPORTS + predict));
  expect(await worker.stream(worker.request({}))).toEqual([0, 1, 2]);
});

test.each([
  ['def', 'Iterator[int]', 1],
  ['def', 'Generator[int, None, None]', 1],
  ['async def', 'AsyncIterator[int]', 100],
  ['async def', 'AsyncGenerator[int, None]', 100],
])('READY says that %s predict() -> %s streams, and its output is one item', (def, hint, concurrency) => {
  const folder = handler(`${IMPORTS}${def} predict() -> ${hint}:\n    yield 1\n`);
  expect(described(folder)).toMatchObject({
    streams: true,
    output: { type: 'integer' },
    async: def !== 'def',
    concurrency,
    signature: `predict() -> ${hint}`,
  });
});

test('lines that a generator prints carry its request, and come before its end', async () => {
  const worker = await Worker.ready(generator('def', 'print("one")\nyield 1\nprint("two", end="")'));
  const id = worker.request({});
  await worker.ended(id);
  expect(worker.lines).toEqual([
    { id, level: 'info', msg: 'one' },
    { id, level: 'info', msg: 'two' },
  ]);
  expect(worker.frames.at(-1)?.type).toBe(FrameType.END);
});

test('STOP lets a stream finish', async () => {
  const worker = await Worker.ready(generator('def', 'yield 1\ntime.sleep(0.2)\nyield 2'));
  const id = worker.request({});
  await worker.until(() => worker.items(id).length === 1, 'an item');
  worker.stop();
  expect(await worker.exitCode).toBe(0);
  expect(worker.items(id)).toEqual([1, 2]);
});
