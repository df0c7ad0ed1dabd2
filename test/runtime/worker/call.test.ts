import { expect, test } from 'vitest';
import { fixture, handler } from './handlers';
import { promisedPythons } from './python';
import { Worker } from './worker';

const returns = (expression: string) => handler(`def predict(x=None):\n    return ${expression}\n`);

test('a function answers with what it returns', async () => {
  const worker = await Worker.ready(fixture('echo'));
  expect(await worker.predict({ value: { text: 'grüß dich', n: [1, 2.5, null, true] } })).toEqual({
    text: 'grüß dich',
    n: [1, 2.5, null, true],
  });
});

test('a class is made once, with what its __init__ asks for by name', async () => {
  const folder = handler(`
class Model:
    def __init__(self, config, model_dir):
        self.made = [type(model_dir).__name__, str(model_dir), config["threshold"]]
    def predict(self):
        self.made.append("called")
        return self.made
`);
  const worker = await Worker.ready(folder, { config: { threshold: 0.5 } });
  await worker.predict({});
  expect(await worker.predict({})).toEqual(['PosixPath', folder, 0.5, 'called', 'called']);
});

test('a model_dir hinted as str is a str', async () => {
  const folder = handler(`
class Model:
    def __init__(self, model_dir: str):
        self.kind = type(model_dir).__name__
    def predict(self) -> str:
        return self.kind
`);
  expect(await (await Worker.ready(folder)).predict({})).toBe('str');
});

test('integers keep all their digits', async () => {
  const worker = await Worker.ready(handler('def predict(n: int) -> str:\n    return str(n + 1)\n'));
  const id = worker.requestText('{"n": 123456789012345678901234567890}');
  expect(await worker.result(id)).toBe('123456789012345678901234567891');
});

test('of a key sent twice the last one counts', async () => {
  const worker = await Worker.ready(fixture('echo'));
  expect(await worker.result(worker.requestText('{"value": 1, "value": 2}'))).toBe(2);
});

test('a body of 8 MiB arrives and leaves whole', async () => {
  const worker = await Worker.ready(fixture('echo'));
  const value = 'ab'.repeat(4 * 1024 * 1024);
  expect(await worker.predict({ value })).toBe(value);
});

test("what predict() raises is the failure of its own request, with the place in the user's file", async () => {
  const worker = await Worker.ready(fixture('raises'));
  const failure = await worker.fail({ message: 'no such flower' });
  expect(failure).toMatchObject({
    kind: 'handler',
    type: 'ValueError',
    message: 'no such flower',
    file: 'predict.py',
    line: 9,
  });
  expect(failure.traceback).toMatch(/predict\.py", line 5, in predict\n(.*\n)+.*line 9, in fail\n/);
  expect(failure.traceback).not.toContain('runtime/worker');
});

test.each([
  ['RecursionError', 'predict(bad)', /maximum recursion depth/],
  ['KeyboardInterrupt', '(_ for _ in ()).throw(KeyboardInterrupt)', /KeyboardInterrupt/],
  ['GeneratorExit', '(_ for _ in ()).throw(GeneratorExit)', /GeneratorExit/],
  ['MemoryError', '(_ for _ in ()).throw(MemoryError())', /MemoryError/],
  [
    'Broken',
    '(_ for _ in ()).throw(type("Broken", (Exception,), {"__str__": lambda self: 1 / 0})())',
    /could not be read/,
  ],
])('%s fails one request and leaves the worker whole', async (type, expression, message) => {
  const worker = await Worker.ready(handler(`def predict(bad=True):\n    return bad and ${expression}\n`));
  expect(await worker.fail({})).toMatchObject({ kind: 'handler', type, message: expect.stringMatching(message) });
  expect(await worker.predict({ bad: false })).toBe(false);
});

test('the traceback of an endless recursion stays short', async () => {
  const worker = await Worker.ready(
    handler('def predict():\n    return again()\n\ndef again():\n    return predict()\n'),
  );
  expect((await worker.fail({})).traceback.length).toBeLessThan(20_000);
});

test.each([
  ['float("nan")', '$ is nan, which JSON cannot express'],
  ['{"scores": [1.0, float("inf")]}', '$.scores[1] is inf, which JSON cannot express'],
  ['{"model": object()}', '$.model is of type object, which has no JSON form'],
  ['(lambda a: a.append(a) or a)([])', '$[0] contains itself'],
  ['{(1, 2): 3}', '$ is of type dict, which has no JSON form'],
])('%s is no result', async (expression, message) => {
  const failure = await (await Worker.ready(returns(expression))).fail({});
  expect(failure).toMatchObject({
    kind: 'result',
    message: expect.stringContaining(message),
    hint: expect.stringMatching(/^Return /),
    traceback: '',
  });
});

test.each([
  ['{3, 3}', [3]],
  ['(1, None)', [1, null]],
  ['b"\\x00\\xff"', 'AP8='],
  ['__import__("datetime").date(2026, 11, 23)', '2026-11-23'],
  ['__import__("uuid").UUID(int=1)', '00000000-0000-0000-0000-000000000001'],
  ['__import__("decimal").Decimal("0.10")', '0.10'],
  ['__import__("enum").Enum("Color", {"RED": "red"}).RED', 'red'],
  ['"\\ud800"', '\ud800'],
  ['{1: "a", True: "b", None: "c"}', { 1: 'b', null: 'c' }],
])('%s is a result', async (expression, result) => {
  expect(await (await Worker.ready(returns(expression))).predict({})).toEqual(result);
});

test.each([
  ['def', 1],
  ['async def', undefined],
])('of %s, a result larger than a frame is no result, and the worker lives on', async (def, concurrency) => {
  const predict = `${def} predict(size: int) -> str:\n    return "x" * size\n`;
  const worker = await Worker.ready(handler(predict), { concurrency });
  const failure = await worker.fail({ size: 256 * 1024 * 1024 });
  expect(failure).toMatchObject({ kind: 'result', message: expect.stringMatching(/^the result is 268435458 bytes/) });
  expect(await worker.predict({ size: 1 })).toBe('x');
});

test('an exception with a text of megabytes is told by its beginning and its end', async () => {
  const worker = await Worker.ready(handler('def predict():\n    raise ValueError("a" + "x" * 5_000_000 + "z")\n'));
  const { message, traceback } = await worker.fail({});
  expect(message).toMatch(/^ax+\n\.\.\. \d+ characters left out \.\.\.\nx+z$/);
  expect(Math.max(message.length, traceback.length)).toBeLessThan(20_000);
});

test('sys.exit() ends the worker, with its code and a line that says so', async () => {
  const worker = await Worker.ready(fixture('exits'));
  const id = worker.request({ how: 'sys.exit', code: 3 });
  expect(await worker.exitCode).toBe(3);
  expect(worker.lines).toContainEqual({ id, level: 'warning', msg: 'predict() called sys.exit(3): the worker ends' });
});

test('os._exit() ends the worker', async () => {
  const worker = await Worker.ready(fixture('exits'));
  worker.request({ how: 'os._exit', code: 4 });
  expect(await worker.exitCode).toBe(4);
});

test('a sync handler with concurrency 3 runs three requests at once', async () => {
  const worker = await Worker.ready(fixture('barrier'), { concurrency: 3 });
  const ids = [1, 2, 3].map(() => worker.request({ together: 3 }));
  expect((await Promise.all(ids.map((id) => worker.result(id)))).length).toBe(3);
});

test('a sync handler runs one request at a time unless told otherwise, and an async one a hundred', async () => {
  expect(await (await Worker.loading(fixture('echo'))).handler()).toMatchObject({ async: false, concurrency: 1 });
  expect(await (await Worker.loading(fixture('async_echo'))).handler()).toMatchObject({
    async: true,
    concurrency: 100,
  });
  expect(await (await Worker.loading(fixture('async_echo'), { concurrency: 7 })).handler()).toMatchObject({
    concurrency: 7,
  });
});

test('an async handler answers the later request first when that is ready first', async () => {
  const worker = await Worker.ready(fixture('async_echo'));
  const slow = worker.request({ value: 'slow', seconds: 60 });
  await worker.printed('began slow');
  expect(await worker.predict({ value: 'quick' })).toBe('quick');
  expect(worker.frames.some(({ id, type }) => id === slow && type === 6)).toBe(false);
});

test('what an async handler raises is the failure of its own request', async () => {
  const worker = await Worker.ready(handler('async def predict(n: int) -> float:\n    return 1 / n\n'));
  expect(await worker.fail({ n: 0 })).toMatchObject({ kind: 'handler', type: 'ZeroDivisionError', line: 2 });
  expect(await worker.predict({ n: 2 })).toBe(0.5);
});

test("a decorator may hand an async handler's coroutine through", async () => {
  const worker = await Worker.ready(
    handler(`
import functools

def traced(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper

@traced
async def predict(n: int) -> int:
    return n + 1
`),
  );
  expect(await worker.predict({ n: 1 })).toBe(2);
});

const EAGER = Object.entries(promisedPythons()).filter(([version]) => Number(version.split('.')[1]) >= 12);

test.each(EAGER)('Python %s: a handler may have its tasks started eagerly', async (_version, python) => {
  const eager = 'asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)';
  const source = `
import asyncio

async def predict(wait: float, fail: bool = False):
    ${eager}
    if wait:
        print("waits")
        await asyncio.sleep(wait)
    if fail:
        raise ValueError("as told")
    return wait
`;
  const worker = await Worker.ready(handler(source), { python });
  const ids = [0, 0, 0.01, 0, 0.02].map((wait) => worker.request({ wait }));
  expect(await Promise.all(ids.map((id) => worker.result(id)))).toEqual([0, 0, 0.01, 0, 0.02]);
  expect(await worker.fail({ wait: 0, fail: true })).toMatchObject({ kind: 'handler', message: 'as told' });
  worker.frames.length = 0;
  const cancelled = worker.request({ wait: 60 });
  await worker.printed('waits');
  worker.cancel(cancelled);
  expect(await worker.failure(cancelled)).toMatchObject({ type: 'Cancelled' });
  worker.stop();
  expect(await worker.exitCode).toBe(0);
});
