import { expect, test } from 'vitest';
import { FrameType } from '../../../runtime/gateway/worker/frames';
import { fixture, handler } from './handlers';
import { Worker } from './worker';

test('answers of a burst are each the right one', async () => {
  const worker = await Worker.ready(fixture('echo'));
  const ids = Array.from({ length: 2000 }, (_, value) => worker.request({ value }));
  for (const [value, id] of ids.entries()) expect(await worker.result(id)).toBe(value);
});

test.each([
  ['sleeps', 'time.sleep(60)'],
  ['computes', 'while True: pass'],
])('a finished answer does not wait for the next call, which %s', async (_what, hang) => {
  const worker = await Worker.ready(
    handler(`import time\n\ndef predict(hang: bool) -> int:\n    if hang:\n        ${hang}\n    return 1\n`),
  );
  const quick = [false, false, false].map((hang) => worker.request({ hang }));
  worker.request({ hang: true });
  expect(await Promise.all(quick.map((id) => worker.result(id)))).toEqual([1, 1, 1]);
});

test('what a __del__ prints in the middle of a write comes whole', async () => {
  const worker = await Worker.ready(
    handler(`
import gc

class Loud:
    def __init__(self):
        self.me = self
    def __del__(self):
        print("collected")

gc.set_threshold(5)

def predict() -> int:
    for _ in range(50):
        Loud()
        print("a", end="b\\n")
    return 1
`),
  );
  for (let n = 0; n < 20; n += 1) await worker.predict({});
  expect(new Set(worker.lines.map(({ msg }) => msg))).toEqual(new Set(['ab', 'collected']));
});

test('how long the call took is in its answer', async () => {
  const worker = await Worker.ready(fixture('slow'));
  const took = async (seconds: number) => (await worker.answer(worker.request({ seconds }))).n;
  expect(await took(0)).toBeLessThan(0x8000);
  const n = await took(0.2);
  expect(n - 0x8000).toBeGreaterThanOrEqual(200);
  expect(n - 0x8000).toBeLessThan(5000);
});

test('the mark is the highest request that has begun, and no waiting one', async () => {
  const worker = await Worker.ready(fixture('slow'));
  expect(worker.mark).toBe(0);
  await worker.predict({ seconds: 0 });
  expect(worker.mark).toBe(1);
  const running = worker.request({ seconds: 0.2 });
  const waiting = worker.request({ seconds: 0 });
  await worker.printed('began 0.2');
  expect(worker.mark).toBe(running);
  await worker.result(waiting);
  expect(worker.mark).toBe(waiting);
});

test.each([
  ['sync', 'barrier', { together: 3 }],
  ['async', 'async_echo', { value: 1, seconds: 0.05 }],
])(
  'the mark of several %s calls at once is the highest, also after ids have wrapped around',
  async (_k, name, input) => {
    const worker = await Worker.ready(fixture(name), { concurrency: 3 });
    const ids = [0xffff_ffff, 0, 1];
    for (const id of ids) worker.send(FrameType.REQUEST, id, input);
    await Promise.all(ids.map((id) => worker.result(id)));
    expect(worker.mark).toBe(1);
  },
);

test('threads that print without end are slowed to what the gateway reads, and no line is lost', async () => {
  const worker = await Worker.ready(
    handler(`
import resource, sys, threading

def flood(name):
    for n in range(1500):
        sys.stdout.write(f"{name} {n} {'x' * 5000}\\n")

def predict() -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    threads = [threading.Thread(target=flood, args=(name,)) for name in "abc"]
    for one in threads: one.start()
    for one in threads: one.join()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
`),
  );
  // 22 MB are printed, and the most that may wait is 1 MiB.
  expect(await worker.predict({})).toBeLessThan(12 * 1024);
  for (const name of ['a', 'b', 'c']) {
    const numbers = worker.lines.map(({ msg }) => msg.split(' ')).filter(([first]) => first === name);
    expect(numbers.map(([, n]) => Number(n))).toEqual(Array.from({ length: 1500 }, (_, n) => n));
  }
});
