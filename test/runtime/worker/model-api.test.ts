import { expect, test } from 'vitest';
import { FrameType } from '../../../runtime/gateway/worker/frames';
import { described, handler } from './handlers';
import { Worker } from './worker';

const TOLD = 'request = model_api.request()\n    told = [request.id, request.traceparent, request.headers]\n';

const context = {
  request_id: 'grüße-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'a=b',
};

const expected = [
  context.request_id,
  context.traceparent,
  { 'x-request-id': context.request_id, traceparent: context.traceparent, tracestate: 'a=b' },
];

test.each([
  ['a sync predict()', `def predict():\n    ${TOLD}    return told\n`],
  ['an async predict()', `async def predict():\n    await asyncio.sleep(0)\n    ${TOLD}    return told\n`],
  ['a batch of one', `def predict_batch(items):\n    ${TOLD}    return [told for _ in items]\n`],
])('in %s, request() is the one that is answered', async (_what, source) => {
  const worker = await Worker.ready(handler(`import asyncio, model_api\n\n${source}`));
  expect(await worker.result(worker.request({}, { context }))).toEqual(expected);
  expect(await worker.predict({})).toEqual(['', '', {}]);
});

test.each(['def', 'async def'])('in a %s generator, request() is the one that is answered', async (def) => {
  const worker = await Worker.ready(
    handler(`import model_api\n\n${def} predict():\n    yield 0\n    ${TOLD}    yield told\n`),
  );
  expect(await worker.stream(worker.request({}, { context }))).toEqual([0, expected]);
});

test.each([
  ['def', 3, 'barrier.wait()'],
  ['async def', undefined, 'await asyncio.sleep(0.02)'],
])('%s calls that run at once each have their own request', async (def, concurrency, meet) => {
  const worker = await Worker.ready(
    handler(
      `import asyncio, threading, model_api\nbarrier = threading.Barrier(3)\n${def} predict():\n    ${meet}\n    return model_api.request().id\n`,
    ),
    { concurrency },
  );
  const ids = ['a', 'b', 'c'].map((request_id) => worker.request({}, { context: { request_id } }));
  expect(await Promise.all(ids.map((id) => worker.result(id)))).toEqual(['a', 'b', 'c']);
});

const metrics = (worker: Worker) =>
  worker.frames.filter(({ type }) => type === FrameType.METRIC).flatMap(({ body }) => JSON.parse(body.toString()));

test('the first of each metric comes before the answer, the others together and at STOP', async () => {
  const worker = await Worker.ready(
    handler(`
import model_api

calls = model_api.counter("calls", "How many")
size = model_api.histogram("size")

def predict(n: int):
    calls.add(kind="a")
    calls.add(2, kind="b")
    size.observe(n)
`),
  );
  const id = worker.request({ n: 1 });
  await worker.result(id);
  const types = worker.frames.map(({ type }) => type);
  expect(types.lastIndexOf(FrameType.METRIC)).toBeLessThan(types.indexOf(FrameType.RESULT));
  expect(metrics(worker)).toEqual([
    { name: 'calls', kind: 'counter', help: 'How many', labels: { kind: 'a' }, value: 1 },
    { name: 'calls', kind: 'counter', help: 'How many', labels: { kind: 'b' }, value: 2 },
    { name: 'size', kind: 'histogram', help: '', labels: {}, values: [1] },
  ]);
  worker.frames.length = 0;
  for (let n = 0; n < 100; n += 1) await worker.predict({ n });
  worker.stop();
  await worker.exitCode;
  const sum = (kind: string) =>
    metrics(worker).reduce((all, one) => all + (one.labels.kind === kind ? one.value : 0), 0);
  expect([sum('a'), sum('b')]).toEqual([100, 200]);
  expect(metrics(worker).flatMap(({ values = [] }) => values)).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

test('what was counted comes within a second or so, though nothing else happens', async () => {
  const worker = await Worker.ready(
    handler('import model_api\nc = model_api.counter("c")\ndef predict():\n    c.add()\n    c.add()\n'),
  );
  await worker.predict({});
  await worker.until(() => metrics(worker).reduce((all, { value }) => all + value, 0) === 2, 'both');
});

test('what is counted while the handler loads comes after READY', async () => {
  const worker = await Worker.ready(
    handler('import model_api\nmodel_api.counter("loads").add()\ndef predict(): ...\n'),
  );
  await worker.until(() => metrics(worker).length === 1, 'the metric');
  expect(worker.frames.map(({ type }) => type)).toEqual([FrameType.HELLO, FrameType.READY, FrameType.METRIC]);
});

test.each([
  ['model_api.counter("9lives")', "'9lives' is no name of a metric"],
  ['model_api.counter("c").add(**{"a-b": 1})', "'a-b' is no name of a label"],
  ['model_api.counter("c").add(-1)', 'c is a counter and cannot grow by -1'],
  ['model_api.histogram("h").observe(float("nan"))', 'h cannot observe nan'],
  ['[model_api.counter("x"), model_api.histogram("x")]', 'x is a counter already; give the histogram another name'],
])('%s is refused', async (code, message) => {
  const worker = await Worker.ready(handler(`import model_api\ndef predict():\n    ${code}\n`));
  expect(await worker.fail({})).toMatchObject({ type: 'ValueError', message: expect.stringContaining(message) });
});

test('more series than a worker remembers are dropped, and no request fails for it', async () => {
  const predict = 'def predict():\n    for n in range(10_001):\n        model_api.counter("c").add(n=n)\n';
  const worker = await Worker.ready(handler(`import model_api\n${predict}`));
  await worker.predict({});
  worker.stop();
  await worker.exitCode;
  expect(metrics(worker).reduce((all, { value }) => all + value, 0)).toBe(10_000);
});

test.each([[1], [3]])(
  'what a __del__ counts while something else is counted is not lost, %i at a time',
  async (lanes) => {
    const worker = await Worker.ready(
      handler(`
import gc, model_api

freed = model_api.counter("freed")
sizes = model_api.histogram("sizes")

class Node:
    def __init__(self):
        self.me = self
    def __del__(self):
        freed.add()
        sizes.observe(1, kind="freed")

class Label:
    def __str__(self):
        freed.add(kind="label")
        return "x"

def predict():
    gc.set_threshold(5)
    for n in range(2_000):
        Node()
        freed.add(kind=n % 50)
        sizes.observe(n, kind=Label())
    gc.set_threshold(700, 10, 10)
`),
      { concurrency: lanes },
    );
    const ids = Array.from({ length: 3 }, () => worker.request({}));
    for (const id of ids) await worker.result(id);
    worker.stop();
    await worker.exitCode;
    const told = metrics(worker).filter(({ labels }) => labels.kind !== undefined && labels.kind !== 'freed');
    const count = (kind: string, matches: (label: string) => boolean) =>
      told
        .filter((one) => one.kind === kind && matches(one.labels.kind))
        .reduce((sum, { value, values }) => sum + (value ?? values.length), 0);
    expect(count('counter', (label) => label !== 'label')).toBe(6_000);
    expect(count('counter', (label) => label === 'label')).toBe(6_000);
    expect(count('histogram', () => true)).toBe(6_000);
  },
);

test("a model_api.py of the user's is the one they import", async () => {
  const folder = handler('import model_api\ndef predict():\n    return model_api.mine\n', {
    'model_api.py': 'mine = 1\n',
  });
  expect(await (await Worker.ready(folder)).predict({})).toBe(1);
});

test('--describe offers model_api too', () => {
  expect(described(handler('import model_api\nc = model_api.counter("c")\ndef predict(): ...\n')).name).toBe('predict');
});

test('a handler may ask whether it was cancelled', async () => {
  const worker = await Worker.ready(
    handler(`
import time, model_api

def predict() -> str:
    print("began")
    try:
        time.sleep(60)
    except model_api.Cancelled:
        return "given up"
`),
  );
  const id = worker.request({});
  await worker.printed('began');
  // A cancel that meets the print itself is raised there.
  await new Promise((resolve) => setTimeout(resolve, 50));
  worker.cancel(id);
  expect(await worker.result(id)).toBe('given up');
});

test.each(['"chat"', '"completions"', '"embeddings"'])('openai = %s is told', (api) => {
  const module = `openai = ${api}\ndef predict(): ...\n`;
  const ofClass = `class Model:\n    openai = ${api}\n    def predict(self): ...\n`;
  for (const source of [module, ofClass]) expect(described(handler(source)).openai).toBe(JSON.parse(api));
});
