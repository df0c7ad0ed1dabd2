import { expect, test } from 'vitest';
import { durationMs, FrameType } from '../../../runtime/gateway/worker/frames';
import { described, handler } from './handlers';
import { Worker } from './worker';

const IMPORTS = 'import asyncio, time\nfrom dataclasses import dataclass\nfrom typing import *\n\n';

const COLUMNS = `${IMPORTS}
def predict_batch(features: list[list[float]], scale: list[float]) -> list[float]:
    print("called with", len(features))
    return [sum(row) * by for row, by in zip(features, scale, strict=True)]
`;

/** Fails for a negative n, hangs for 100 until it is cancelled. */
const POISONED = (def: string, hang: string) => `${IMPORTS}
${def} predict_batch(n: list[int]) -> list[float]:
    print("called with", n)
    if any(one < 0 for one in n):
        raise ValueError("poisoned")
    if 100 in n:
        print("hangs")
        ${hang}
    return [1 / (one + 1) if one != 7 else float("nan") for one in n]
`;

const BOTH = [
  ['def', 'time.sleep(60)'],
  ['async def', 'await asyncio.sleep(60)'],
] as const;

const messages = (worker: Worker) => worker.lines.map(({ msg }) => msg);

test('requests of a batch are one call, and each gets its own result and the duration of the whole', async () => {
  const worker = await Worker.ready(handler(COLUMNS));
  const ids = worker.batch([1, 2, 3].map((scale) => ({ features: [1, 2], scale })));
  expect(await Promise.all(ids.map((id) => worker.result(id)))).toEqual([3, 6, 9]);
  expect(messages(worker)).toEqual(['called with 3']);
  const took = await Promise.all(ids.map(async (id) => (await worker.answer(id)).n));
  expect(new Set(took).size).toBe(1);
  expect(worker.mark).toBe(3);
});

test('a request without BATCH is a batch of one', async () => {
  const worker = await Worker.ready(handler(COLUMNS));
  const id = worker.request({ features: [1, 2], scale: 2 });
  expect(await worker.result(id)).toBe(6);
  expect(worker.lines).toEqual([{ id, level: 'info', msg: 'called with 1' }]);
});

test.each(BOTH)('in a batch of %s, a poisoned item fails alone', async (def, hang) => {
  const worker = await Worker.ready(handler(POISONED(def, hang)));
  const ids = worker.batch([{ n: 0 }, { n: -1 }, { n: 1 }]);
  expect(await worker.result(ids[0] as number)).toBe(1);
  expect(await worker.failure(ids[1] as number)).toMatchObject({ kind: 'handler', message: 'poisoned', line: 9 });
  expect(await worker.result(ids[2] as number)).toBe(0.5);
  expect(messages(worker)).toEqual(['[0, -1, 1]', '[0]', '[-1]', '[1]'].map((n) => `called with ${n}`));
});

test.each(BOTH)('a batch of one %s is not run again', async (def, hang) => {
  const worker = await Worker.ready(handler(POISONED(def, hang)));
  expect(await worker.fail({ n: -1 })).toMatchObject({ message: 'poisoned' });
  expect(messages(worker)).toEqual(['called with [-1]']);
});

test.each(BOTH)('in a batch of %s, an input or a result that cannot be converted fails alone', async (def, hang) => {
  const worker = await Worker.ready(handler(POISONED(def, hang)));
  const ids = worker.batch([{ n: 'x' }, { n: 7 }, { n: 1 }]);
  expect(await worker.failure(ids[0] as number)).toMatchObject({ kind: 'input', errors: [{ path: '$.n' }] });
  expect(await worker.failure(ids[1] as number)).toMatchObject({
    kind: 'result',
    message: expect.stringContaining('is nan'),
  });
  expect(await worker.result(ids[2] as number)).toBe(0.5);
  expect(messages(worker)).toEqual(['called with [7, 1]']);
});

test.each([
  ['[1, 2, 3]', 'predict_batch() returned 3 results for 2 items'],
  ['[]', 'predict_batch() returned 0 results for 2 items'],
  ['{"a": 1}', 'predict_batch() returned a value of type dict, which is no list of results'],
  ['None', 'predict_batch() returned a value of type NoneType, which is no list of results'],
])('%s for two items fails both, and nobody else', async (returned, message) => {
  const worker = await Worker.ready(
    handler(`def predict_batch(n: list[int]):\n    print("called")\n    return ${returned} if len(n) == 2 else n\n`),
  );
  const ids = worker.batch([{ n: 1 }, { n: 2 }]);
  for (const id of ids) expect(await worker.failure(id)).toMatchObject({ kind: 'result', message });
  expect(messages(worker)).toEqual(['called']);
  expect(await worker.predict({ n: 5 })).toBe(5);
});

test('a cancelled item of a waiting batch is dropped, and the others run', async () => {
  const worker = await Worker.ready(handler(POISONED('def', 'time.sleep(60)')));
  const first = worker.request({ n: 100 });
  await worker.printed('hangs');
  const ids = worker.batch([{ n: 0 }, { n: 1 }]) as [number, number];
  worker.cancel(ids[0]);
  worker.cancel(first);
  for (const id of [first, ids[0]]) expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
  expect(await worker.result(ids[1])).toBe(0.5);
  expect(messages(worker)).toContain('called with [1]');
});

test.each(BOTH)('a running %s batch is interrupted when nobody is left who wants it', async (def, hang) => {
  const worker = await Worker.ready(handler(POISONED(def, hang)));
  const ids = worker.batch([{ n: 100 }, { n: 1 }]) as [number, number];
  await worker.printed('hangs');
  worker.cancel(ids[0]);
  worker.cancel(ids[1]);
  for (const id of ids) expect(await worker.failure(id)).toMatchObject({ type: 'Cancelled' });
  expect(await worker.predict({ n: 0 })).toBe(1);
});

test('a batch runs one at a time unless told otherwise, also when it is async', () => {
  expect(described(handler(POISONED('def', 'pass')))).toMatchObject({ batch: true, async: false, concurrency: 1 });
  expect(described(handler(POISONED('async def', 'pass')))).toMatchObject({ batch: true, async: true, concurrency: 1 });
});

test('columns: a body has one entry of each', () => {
  expect(described(handler(COLUMNS))).toMatchObject({
    signature: 'predict_batch(features: list[list[float]], scale: list[float]) -> list[float]',
    input: {
      type: 'object',
      properties: { features: { type: 'array', items: { type: 'number' } }, scale: { type: 'number' } },
      required: ['features', 'scale'],
      additionalProperties: false,
    },
    output: { type: 'number' },
    arrays: { features: 'FP64' },
    streams: false,
  });
});

const FLOWER = `${IMPORTS}
@dataclass
class Flower:
    petals: int
`;

test.each([
  [
    'dataclasses',
    `${FLOWER}\ndef predict_batch(items: list[Flower]) -> list[int]:\n    return [i.petals for i in items]\n`,
  ],
  [
    'typed dicts',
    `${IMPORTS}\nclass Flower(TypedDict):\n    petals: int\n\ndef predict_batch(items: list[Flower]) -> list[int]:\n    return [i["petals"] for i in items]\n`,
  ],
  [
    "predict()'s arguments",
    'class Model:\n    def predict(self, petals: int) -> int: ...\n    def predict_batch(self, items):\n        return [i["petals"] for i in items]\n',
  ],
])('items may be %s', async (_what, source) => {
  const folder = handler(source);
  const { input, output } = described(folder) as unknown as { input: { $ref?: string }; output: object };
  const { $defs, ...schema } = input as { $defs?: { Flower: object } };
  expect($defs?.Flower ?? schema).toMatchObject({ properties: { petals: { type: 'integer' } }, required: ['petals'] });
  expect(output).toEqual({ type: 'integer' });
  const worker = await Worker.ready(folder);
  const ids = worker.batch([{ petals: 3 }, { petals: 'x' }, { petals: 5 }]) as [number, number, number];
  expect([await worker.result(ids[0]), await worker.result(ids[2])]).toEqual([3, 5]);
  expect(await worker.failure(ids[1])).toMatchObject({ kind: 'input', errors: [{ path: '$.petals' }] });
});

test.each([
  ['without a hint', 'def predict_batch(items):\n    return [i["a"] for i in items]\n', { type: 'object' }],
  [
    'hinted as dicts',
    'def predict_batch(items: list[dict[str, int]]):\n    return [i["a"] for i in items]\n',
    { type: 'object', additionalProperties: { type: 'integer' } },
  ],
])('items %s are whole bodies', async (_what, source, input) => {
  const folder = handler(source);
  expect(described(folder).input).toEqual(input);
  const worker = await Worker.ready(folder);
  const ids = worker.batch([{ a: 1 }, { a: 2 }]);
  expect(await Promise.all(ids.map((id) => worker.result(id)))).toEqual([1, 2]);
});

test('what a batch of several prints without a newline is a line of none of them', async () => {
  const worker = await Worker.ready(handler('def predict_batch(items):\n    print("x", end="")\n    return items\n'));
  const ids = worker.batch([{}, {}]);
  await Promise.all(ids.map((id) => worker.result(id)));
  expect(worker.lines).toEqual([{ id: 0, level: 'info', msg: 'x' }]);
});

test('a handler without predict_batch answers the requests of a BATCH one by one', async () => {
  const worker = await Worker.ready(handler('def predict(n: int) -> int:\n    return n\n'));
  const ids = worker.batch([{ n: 1 }, { n: 2 }]);
  expect(await Promise.all(ids.map((id) => worker.result(id)))).toEqual([1, 2]);
});

test('a BATCH within a BATCH loses the worker', async () => {
  const worker = await Worker.ready(handler(COLUMNS));
  for (let n = 0; n < 2; n += 1) worker.sendFrame(FrameType.BATCH, 0, Buffer.alloc(0), 0, 2);
  expect(await worker.exitCode).toBe(1);
  expect(worker.raw).toContain('the gateway sent BATCH, which it may not send now');
});

test('how long a batch took is how long its call took', async () => {
  const worker = await Worker.ready(
    handler('import time\ndef predict_batch(n: list[int]):\n    time.sleep(0.05)\n    return n\n'),
  );
  const [id = 0] = worker.batch([{ n: 1 }, { n: 2 }]);
  expect(durationMs((await worker.answer(id)).n)).toBeGreaterThanOrEqual(50);
});

test('batches have one lane, and no threads wait beside it for others', async () => {
  const source = 'import threading\n\ndef predict_batch(items):\n    return [threading.active_count()] * len(items)\n';
  const threads = async (concurrency: number) => (await Worker.ready(handler(source), { concurrency })).predict({});
  expect(await threads(8)).toBe(await threads(1));
});
