/** What handlers do to their process, and what that may not do to other requests. */
import { expect, test } from 'vitest';
import { FrameType } from '../../../runtime/gateway/worker/frames';
import { handler } from './handlers';
import { Worker } from './worker';

const IMPORTS = 'import ctypes, math, multiprocessing, os, signal, sys, threading, time\n\n';

/** Does `code` when it is told to, and answers 1 + n. */
const doing = (code: string) =>
  handler(
    `${IMPORTS}def predict(n: int, do: bool = False):\n    if do:\n${code.replace(/^/gm, '        ')}\n    return n + 1\n`,
  );

const misdeeds: [string, string][] = [
  ['prints binary to the buffer', 'sys.stdout.buffer.write(b"\\x00\\xff" * 1000)\nsys.stdout.buffer.flush()'],
  ['writes binary to the descriptors', 'os.write(1, b"\\x05\\x00\\x00\\x00" * 10)\nos.write(2, b"\\xff" * 10)'],
  ['closes descriptors 0 to 2', 'for fd in (0, 1, 2):\n    os.close(fd)'],
  ['closes every low descriptor', 'os.closerange(0, 100)'],
  ['closes its streams', 'sys.stdin.close()\nsys.stdout.close()\nsys.stderr.close()\nsys.stdout.buffer.close()'],
  ['puts a pipe in the place of its descriptors', 'r, w = os.pipe()\nfor fd in (0, 1, 2):\n    os.dup2(w, fd)'],
  ['puts other streams in the place of its own', 'sys.stdout = sys.stderr = open(os.devnull, "w")'],
  ['forks a child that comes back', 'if os.fork() == 0:\n    print("child")\n    return 5'],
  ['forks a child that raises', 'if os.fork() == 0:\n    raise ValueError("child")'],
  ['forks a child that exits', 'if os.fork() == 0:\n    sys.exit(3)'],
  [
    'runs a process',
    'p = multiprocessing.get_context("fork").Process(target=print, args=("hi",))\np.start()\np.join()',
  ],
  ['starts threads that print', 'for n in range(5):\n    threading.Thread(target=print, args=(n,)).start()'],
  ['leaves a thread behind that raises', 'threading.Thread(target=lambda: 1 / 0).start()'],
  [
    'changes signal handlers',
    'for s in (signal.SIGURG, signal.SIGTERM, signal.SIGINT):\n    signal.signal(s, signal.SIG_DFL)',
  ],
  [
    'forgets an alarm',
    'def late(*_):\n    raise TimeoutError("late")\nsignal.signal(signal.SIGALRM, late)\nsignal.setitimer(signal.ITIMER_REAL, 0.001)',
  ],
  ['lowers the recursion limit', 'sys.setrecursionlimit(200)'],
  ['switches the garbage collector off and collects', 'import gc\ngc.disable()\ngc.collect()'],
  ['sets a trace function', 'sys.settrace(lambda *a: None)'],
];

test.each(misdeeds)('a handler that %s hurts no other request', async (_what, code) => {
  const worker = await Worker.ready(doing(code), { concurrency: 1 });
  const ids = [0, 1, 2, 3, 4, 5].map((n) => worker.request({ n, do: n % 2 === 0 }));
  for (const [n, id] of ids.entries()) if (n % 2) expect(await worker.result(id)).toBe(n + 1);
  await Promise.all(ids.map((id) => worker.answer(id)));
  const answers = worker.frames.filter(({ type }) => type === FrameType.RESULT || type === FrameType.ERROR);
  expect(answers.map(({ id }) => id)).toEqual(ids);
});

test.each([
  ['in Python', 'def again():\n    return again()\nagain()'],
  ['while it prints', 'def again():\n    print("deeper")\n    again()\nagain()'],
  ['in a comparison', 'class A:\n    def __eq__(self, o):\n        return self == o\nA() == 1'],
])("an endless recursion %s is its request's failure", async (_where, code) => {
  const worker = await Worker.ready(doing(code));
  const [bad, good] = [worker.request({ n: 1, do: true }), worker.request({ n: 1 })];
  expect(await worker.failure(bad)).toMatchObject({ type: 'RecursionError' });
  expect(await worker.result(good)).toBe(2);
});

test.each([
  [
    'raises in what makes it JSON',
    'class A:\n    def tolist(self):\n        return 1 / 0\nreturn A()',
    'ZeroDivisionError',
  ],
  ['never ends becoming JSON', 'class A:\n    def tolist(self):\n        return A()\nreturn A()', 'InvalidResult'],
  ['contains itself', 'a = {}\na["a"] = [a]\nreturn a', 'InvalidResult'],
  ['is nested without end', 'a = []\nfor _ in range(100_000):\n    a = [a]\nreturn a', 'InvalidResult'],
  ['is no number', 'return math.nan', 'InvalidResult'],
  ['is a module', 'return os', 'InvalidResult'],
  [
    'says it is another class',
    'class A:\n    @property\n    def __class__(self):\n        raise OSError\nreturn A()',
    '',
  ],
])("a result that %s is its request's failure", async (_what, code, type) => {
  const worker = await Worker.ready(doing(code));
  const failure = await worker.fail({ n: 1, do: true });
  if (type) expect(failure).toMatchObject({ type });
  expect(await worker.predict({ n: 1 })).toBe(2);
});

test("an exception that breaks whoever looks at it is its request's failure", async () => {
  const code = 'class E(BaseException):\n    def __str__(self):\n        raise KeyboardInterrupt\nraise E';
  const worker = await Worker.ready(doing(code));
  expect(await worker.fail({ n: 1, do: true })).toMatchObject({ kind: 'handler' });
  expect(await worker.predict({ n: 1 })).toBe(2);
});

test('a timeout by signal ends the call it was set for, also while that prints', async () => {
  const code = `def late(*_):
    raise TimeoutError("late")
signal.signal(signal.SIGALRM, late)
signal.setitimer(signal.ITIMER_REAL, 0.05)
while True:
    print("x")`;
  const worker = await Worker.ready(doing(code));
  expect(await worker.fail({ n: 1, do: true })).toMatchObject({ type: 'TimeoutError', message: 'late' });
  expect(await worker.predict({ n: 1 })).toBe(2);
});

test('an alarm that comes when its call is over is told', async () => {
  const [, code = ''] = misdeeds.find(([what]) => what === 'forgets an alarm') ?? [];
  const worker = await Worker.ready(doing(code));
  await worker.predict({ n: 1, do: true });
  await worker.printed("the handler of SIGALRM raised TimeoutError('late') while predict() was not running");
});

test('a signal handler that was set can be read back', async () => {
  const code =
    'mine = lambda *a: None\nsignal.signal(signal.SIGALRM, mine)\nassert signal.getsignal(signal.SIGALRM) is mine\nassert signal.signal(signal.SIGALRM, mine) is mine';
  const worker = await Worker.ready(doing(code));
  expect(await worker.predict({ n: 1, do: true })).toBe(2);
});

test('after a closed stream, prints still come', async () => {
  const worker = await Worker.ready(doing('sys.stdout.close()\nprint("still", flush=True)'));
  await worker.predict({ n: 1, do: true });
  expect(worker.lines.map(({ msg }) => msg)).toEqual(['still']);
});
