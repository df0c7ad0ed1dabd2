/**
 * What a handler may do to its process: each stays its own request's problem. Every test sends the misdeed between
 * honest requests; all of them are answered as they would be without it, and what they print keeps their request's id.
 */
import { expect, test } from 'vitest';
import { until } from '../runtime/gate';
import { type Serving, serve } from '../runtime/serve';
import { handler } from '../runtime/worker/handlers';

const IMPORTS = `
import builtins, ctypes, json, logging, multiprocessing, os, random, shutil, signal, socket, subprocess, sys
import tempfile, threading, time, traceback

def child(n):
    print("child", n)

def forever():
    while True:
        time.sleep(3600)

def boom(*args, **kwargs):
    raise RuntimeError("patched")

class Patched(Exception):
    __str__ = boom
    __repr__ = boom
`;

type Outcome = 200 | 'handler_error' | 'invalid_result' | 'worker_died';

/** It comes in lines of 64 KiB. Of a log that is not read as fast as it is written, some are dropped and counted. */
const ENDLESS = 20_000_000;
const isTold = (api: Serving) => {
  const shown = api.logs.filter(({ msg }) => msg.startsWith('xxx')).length;
  const dropped = api.events('dropped').reduce((sum, one) => sum + Number(one.dropped), 0);
  return shown + dropped >= Math.ceil(ENDLESS / (64 * 1024));
};

/** `isOver`, if given: what others may print before it is might be lost, and is no fault of theirs. */
const misdeeds: [what: string, outcome: Outcome, code: string, isOver?: (api: Serving) => boolean][] = [
  [
    'prints binary past Python',
    200,
    'sys.stdout.buffer.write(bytes(range(256)) * 100)\nos.write(1, b"\\xff\\n\\x00" * 9)\nos.write(2, bytes(256))',
  ],
  ['prints the bytes of frames', 200, 'os.write(1, b"\\x05\\0\\0\\0\\1\\0\\0\\0\\6\\0\\0\\0null!" * 20)'],
  ['prints a line of 20 MB', 200, `print("x" * ${ENDLESS})`, isTold],
  ['prints lone surrogates and NUL', 200, 'print("\\ud800 \\0 \\udfff", file=sys.stderr)'],
  ['closes descriptors 0 to 2', 200, 'for fd in (0, 1, 2):\n    os.close(fd)'],
  [
    'puts sockets in the place of descriptors 0 to 2',
    200,
    'a, b = socket.socketpair()\nfor fd in (0, 1, 2):\n    os.dup2(a.fileno(), fd)',
  ],
  ['closes all descriptors below 1000', 200, 'os.closerange(0, 1000)'],
  ['forks a child that prints and exits', 200, 'if os.fork() == 0:\n    print("child")\n    os._exit(0)'],
  ['forks a child that comes back', 200, 'if os.fork() == 0:\n    return -1'],
  ['forks a child that calls sys.exit', 200, 'if os.fork() == 0:\n    sys.exit(9)'],
  ['forks a child that lives on', 200, 'if os.fork() == 0:\n    forever()'],
  ['forks a child that dies of a signal', 200, 'if os.fork() == 0:\n    os.abort()\nos.wait()'],
  [
    'runs forked processes',
    200,
    'with multiprocessing.get_context("fork").Pool(2) as pool:\n    pool.map(child, range(4))',
  ],
  [
    'runs a spawned process',
    200,
    'p = multiprocessing.get_context("spawn").Process(target=child, args=(1,))\np.start()\np.join()\nassert p.exitcode == 0, p.exitcode',
  ],
  ['runs a shell that prints', 200, 'subprocess.run("echo shell; echo shell >&2", shell=True, check=True)'],
  ['leaves threads behind', 200, 'for _ in range(20):\n    threading.Thread(target=forever, daemon=True).start()'],
  ['leaves a thread behind that calls sys.exit', 200, 'threading.Thread(target=sys.exit, args=(5,)).start()'],
  [
    'leaves a thread behind that raises what cannot be printed',
    200,
    'def raises():\n    raise Patched\nthreading.Thread(target=raises).start()',
  ],
  ['recurses without end', 'handler_error', 'def again():\n    again()\nagain()'],
  [
    'recurses until the stack is used up',
    'worker_died',
    'sys.setrecursionlimit(10**9)\nthreading.stack_size()\nclass A:\n    def __repr__(self):\n        return repr([self])\nrepr(A())',
  ],
  ['raises KeyboardInterrupt', 'handler_error', 'raise KeyboardInterrupt'],
  ['raises GeneratorExit', 'handler_error', 'raise GeneratorExit'],
  ['raises StopIteration', 'handler_error', 'raise StopIteration(7)'],
  ['raises a class of its own that cannot be shown', 'handler_error', 'raise Patched'],
  ['raises a group within a group', 'handler_error', 'error = ValueError("x")\nerror.__cause__ = error\nraise error'],
  [
    'sends itself SIGTERM, SIGHUP and SIGINT that it handles',
    200,
    'for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):\n    signal.signal(s, lambda *_: print("caught"))\n    os.kill(os.getpid(), s)',
  ],
  [
    'sets a handler that raises on an alarm that never stops',
    200,
    'def late(*_):\n    raise TimeoutError("late")\nsignal.signal(signal.SIGALRM, late)\nsignal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)',
  ],
  ['blocks all signals', 200, 'signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())'],
  ['goes to another folder that it then deletes', 200, 'os.chdir(tempfile.mkdtemp())\nos.rmdir(os.getcwd())'],
  ['deletes its own files', 200, 'shutil.rmtree(os.path.dirname(__file__))'],
  ['replaces json.dumps and json.loads', 200, 'json.dumps = json.loads = boom'],
  ['replaces the classes of json', 200, 'json.JSONEncoder.default = boom\njson.JSONEncoder = json.JSONDecoder = None'],
  ['replaces json.dumps and then raises', 'handler_error', 'json.dumps = boom\nraise ValueError("x")'],
  ['replaces json.dumps and then returns nothing known', 'invalid_result', 'json.dumps = boom\nreturn object()'],
  [
    'replaces clocks and sleep',
    200,
    'for name in ("time", "monotonic", "perf_counter", "sleep"):\n    setattr(time, name, boom)',
  ],
  ['replaces sockets', 200, 'socket.socket = socket.socketpair = boom\nsocket.setdefaulttimeout(0.001)'],
  [
    'replaces parts of os',
    200,
    'for name in ("write", "read", "open", "close", "getpid"):\n    setattr(os, name, boom)',
  ],
  [
    'replaces threading',
    200,
    'threading.Lock = threading.Event = threading.current_thread = threading.get_ident = boom',
  ],
  [
    'replaces traceback and then raises',
    'handler_error',
    'traceback.TracebackException = traceback.walk_tb = boom\nraise ValueError("x")',
  ],
  ['replaces print and open', 200, 'builtins.print = builtins.open = boom'],
  ['takes the logging apart', 200, 'logging.shutdown()\nlogging.getLogger().handlers.clear()\nlogging.disable()'],
  [
    'empties sys.modules of what the worker uses',
    200,
    'for name in ("json", "threading", "time", "signal", "os", "traceback", "model_api"):\n    sys.modules.pop(name, None)',
  ],
  [
    'switches tracing and profiling on',
    200,
    'sys.settrace(lambda *_: None)\nthreading.setprofile(lambda *_: None)\nsys.setprofile(lambda *_: None)',
  ],
  ['makes threads switch once a second', 200, 'sys.setswitchinterval(1)'],
];

/** The misdeed once, and what an honest request does. */
const model = (code: string) => `${IMPORTS}
said = print

def predict(n: int, bad: bool = False):
    said(f"said {n}")
    if bad:
        said(f"bad {n}")
${code.replace(/^/gm, '        ')}
    return n + 1
`;

const codeOf = (outcome: Outcome) => (outcome === 200 ? undefined : outcome);

test.each(misdeeds)('%s: %s, and nobody else notices', async (_what, outcome, code, isOver = () => true) => {
  const api = await serve({ handler: handler(model(code)) });
  const first = await api.post({ n: 1 });
  const bad = await api.post({ n: 2, bad: true });
  expect(bad.json.code).toBe(codeOf(outcome));
  if (outcome === 200) expect(bad.json).toBe(3);
  expect((await api.post({ n: 6 })).json).toBe(7);
  await until(() => isOver(api));
  const rest = await Promise.all([3, 4, 5].map((n) => api.post({ n })));
  expect([first, ...rest].map(({ json }) => json)).toEqual([2, 4, 5, 6]);
  for (const [index, reply] of [first, bad, ...rest].entries())
    expect(await api.output(`said ${index + 1}`)).toMatchObject({ request_id: reply.headers.get('x-request-id') });
  expect(await api.output('bad 2')).toMatchObject({ request_id: bad.headers.get('x-request-id') });
  expect(api.events('worker_lost')).toHaveLength(outcome === 'worker_died' ? 1 : 0);
});
