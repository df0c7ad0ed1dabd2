import { expect, test } from 'vitest';
import { fixture, handler } from './handlers';
import { Worker } from './worker';

test('what a handler prints and logs carries the request, and its level', async () => {
  const worker = await Worker.ready(fixture('prints'));
  const id = worker.request({ text: 'x' });
  await worker.result(id);
  expect(
    worker.lines.filter((line) => line.id === id).map(({ level, msg }) => `${level} ${msg.split('\n')[0]}`),
  ).toEqual([
    'info printed x',
    'warning complained x',
    'info logged x',
    'error failed x',
    expect.stringMatching(/^warning .*predict\.py:\d+: UserWarning: warned x$/),
    'info unfinished x',
  ]);
});

test('what is printed while loading, or by a thread of its own, belongs to no request', async () => {
  const worker = await Worker.ready(fixture('prints'));
  await worker.predict({ text: 'x' });
  expect(worker.lines.filter(({ id }) => id === 0).map(({ msg }) => msg)).toEqual([
    'loading',
    'from a thread of its own',
  ]);
});

test('what passes Python by is on the pipe', async () => {
  const worker = await Worker.ready(fixture('prints'));
  await worker.predict({ text: 'x' });
  await worker.until(() => worker.raw.includes('raw x\n'), 'the raw line');
  expect(worker.raw).toBe('raw x\n');
});

test('lines of a request come before its answer', async () => {
  const worker = await Worker.ready(handler('def predict():\n    print("no newline", end="")\n'));
  const id = worker.request({});
  await worker.result(id);
  expect(worker.frames.filter((frame) => frame.id === id).map(({ type }) => type)).toEqual([9, 6]);
});

test('requests that run at once keep their lines apart', async () => {
  const worker = await Worker.ready(fixture('async_echo'));
  const ids = ['a', 'b', 'c'].map((value) => worker.request({ value, seconds: 0.05 }));
  await Promise.all(ids.map((id) => worker.result(id)));
  for (const [index, value] of ['a', 'b', 'c'].entries())
    expect(worker.lines.filter(({ id }) => id === ids[index]).map(({ msg }) => msg)).toEqual([
      `began ${value}`,
      `left ${value}`,
    ]);
});

test('threads of a sync handler keep their lines apart', async () => {
  const folder = handler(`
import threading
both = threading.Barrier(2)

def predict(name: str):
    both.wait()
    for number in range(50):
        print(name, number)
`);
  const worker = await Worker.ready(folder, { concurrency: 2 });
  const ids = ['a', 'b'].map((name) => worker.request({ name }));
  await Promise.all(ids.map((id) => worker.result(id)));
  const expected = (name: string) => Array.from({ length: 50 }, (_, number) => `${name} ${number}`);
  for (const [index, name] of ['a', 'b'].entries())
    expect(worker.lines.filter(({ id }) => id === ids[index]).map(({ msg }) => msg)).toEqual(expected(name));
});

test('of a progress bar the last state is kept', async () => {
  const worker = await Worker.ready(handler('def predict():\n    print("10%\\r50%\\r100%\\r")\n'));
  await worker.predict({});
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['100%']);
});

test('a line without end is cut at 64 KiB', async () => {
  const worker = await Worker.ready(
    handler('def predict():\n    for _ in range(3):\n        print("x" * 40_000, end="")\n'),
  );
  await worker.predict({});
  expect(worker.lines.map(({ msg }) => msg.length)).toEqual([65_536, 14_464, 40_000]);
});

test('a signal handler that prints in the middle of a big answer does not break its frame', async () => {
  const worker = await Worker.ready(
    handler(`
import signal

signal.signal(signal.SIGALRM, lambda *_: print("tick"))

def predict() -> str:
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    return "x" * 32_000_000
`),
  );
  expect(await worker.predict({})).toHaveLength(32_000_000);
  await worker.printed('tick');
});

test('a line of megabytes becomes several', async () => {
  const worker = await Worker.ready(handler('def predict():\n    print("x" * 1_000_000)\n'));
  const id = worker.request({});
  await worker.result(id);
  const lines = worker.lines.filter((line) => line.id === id).map(({ msg }) => msg);
  expect(lines.join('')).toBe('x'.repeat(1_000_000));
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(64 * 1024);
});

test('a script may reconfigure its standard streams', async () => {
  const predict = `import sys

def predict():
    sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)
    print("configured")
`;
  const worker = await Worker.ready(handler(predict));
  await worker.predict({});
  await worker.printed('configured');
});

test('standard input is empty', async () => {
  const worker = await Worker.ready(handler('def predict():\n    return input()\n'));
  expect(await worker.fail({})).toMatchObject({ type: 'EOFError' });
});
