/** The user's modules and the worker's do not meet, whatever they are called. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { described, handler, refused } from './handlers';
import { PYTHON, promisedPythons, WORKER } from './python';
import { Worker } from './worker';

const OWN_MODULES = readdirSync(WORKER)
  .filter((name) => name.endsWith('.py') && name !== '__main__.py')
  .map((name) => basename(name, '.py'));

test("a handler may have modules of the names of the worker's", async () => {
  const files = Object.fromEntries(OWN_MODULES.map((name) => [`${name}.py`, `mine = "${name}"\n`]));
  const source = `${OWN_MODULES.map((name) => `import ${name}\n`).join('')}
def predict() -> list[str]:
    return [${OWN_MODULES.map((name) => `${name}.mine`).join(', ')}]
`;
  expect(await (await Worker.ready(handler(source, files))).predict({})).toEqual(OWN_MODULES);
});

test.each(OWN_MODULES)("import %s in a handler does not find the worker's", (name) => {
  expect(refused(handler(`import ${name}\n`))).toMatchObject({ type: 'ModuleNotFoundError' });
});

test('files named like standard modules break neither the worker nor a failing request', async () => {
  const names = [
    'json',
    'types',
    'logging',
    'asyncio',
    'queue',
    'traceback',
    'ast',
    'inspect',
    'linecache',
    'tokenize',
    'uuid',
    'enum',
    'base64',
  ];
  const files = Object.fromEntries(names.map((name) => [`${name}.py`, `raise RuntimeError("${name} was imported")\n`]));
  const worker = await Worker.ready(handler('def predict(n: int):\n    return 1 / n\n', files));
  expect(await worker.fail({ n: 0 })).toMatchObject({ type: 'ZeroDivisionError', line: 2 });
  expect(await worker.predict({ n: 1 })).toBe(1);
});

/** Of Python's own, what every worker needs; each brings others along. */
const NEEDED = [
  ...[
    'binascii',
    'contextlib',
    'contextvars',
    'enum',
    'faulthandler',
    'fcntl',
    'functools',
    'gc',
    'importlib.util',
    'json',
  ],
  ...['logging', 'math', 'mmap', 'os', 'resource', 'runpy', 'signal', 'struct', 'threading', 'traceback', 'typing'],
  ...['_queue', '_socket'],
];

/** One in which nothing is installed that imports something whenever Python starts. */
function emptyPython(): string {
  const folder = mkdtempSync(join(tmpdir(), 'venv-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  execFileSync(PYTHON, ['-m', 'venv', '--without-pip', folder]);
  return join(folder, 'bin/python');
}

test('a plain handler is ready before the worker has imported anything that only others need', async () => {
  const source = `
import sys

class Model:
    def __init__(self, config):
        self.config = config

    def predict(self, names: list[str], n: int = 1) -> list[str]:
        return sorted(sys.modules)
`;
  const python = emptyPython();
  const worker = await Worker.ready(handler(source), { python });
  // Python 3.14 loads these for annotations, which it evaluates late.
  const late = 'if sys.version_info >= (3, 14): import annotationlib, inspect';
  const program = `import ${NEEDED.join(', ')}, sys\n${late}\nprint(*sys.modules)`;
  const needed = new Set(execFileSync(python, ['-c', program], { encoding: 'utf8' }).trim().split(' '));
  const modules = (await worker.predict({ names: [] })) as string[];
  const own = modules.filter((name) => name.startsWith('_model_api_worker.')).map((name) => name.split('.')[1]);
  expect(modules.filter((name) => !needed.has(name) && !name.startsWith('_model_api_worker'))).toEqual(['predict']);
  for (const name of ['batch', 'batch_lanes', 'batch_signature', 'describe', 'tasks', 'zygote'])
    expect(own).not.toContain(name);
});

const LATER = ['ast', 'base64', 'dataclasses', 'dis', 'fnmatch', 'inspect', 'opcode', 'pathlib', 'urllib'];

/** Needs of them what the worker can be made to need. */
const DEMANDING = `
import functools

def decorated(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        return function(*args, **kwargs)
    return call

class Model:
    def __init__(self, model_dir):
        self.model_dir = model_dir

    @decorated
    def predict(self, data: bytes, n: int = 1) -> str:
        return f"{self.model_dir.is_dir()} {data.decode()} {1 / n} {MINE}"
`;

test('what the worker imports late is never a file of the user that has its name', async () => {
  const files = Object.fromEntries(LATER.map((name) => [`${name}.py`, `raise RuntimeError("${name} was imported")\n`]));
  const worker = await Worker.ready(handler(DEMANDING.replace('{MINE}', ''), files));
  expect(await worker.predict({ data: 'aGk=' })).toBe('True hi 1.0 ');
  const failure = await worker.fail({ data: 'aGk=', n: 0 });
  expect(failure.traceback).toContain('{1 / n}');
});

test('a module of the user that has the name of one that comes late stays theirs', async () => {
  const source = `import dis, opcode\nMINE = dis.mine + opcode.mine\n${DEMANDING}`;
  const worker = await Worker.ready(handler(source, { 'dis.py': 'mine = "my"\n', 'opcode.py': 'mine = "own"\n' }));
  expect(await worker.predict({ data: 'aGk=' })).toBe('True hi 1.0 myown');
});

test('a file named like a standard module is warned about', () => {
  const folder = handler('def predict(): ...\n', { 'random.py': '', 'mine.py': '' });
  const message = "random.py has the name of a module of Python's own; `import random` finds the one loaded first";
  expect(described(folder).warnings).toEqual([{ message, file: 'random.py', line: 1, fix: 'Rename random.py.' }]);
});

test('an entry named like a standard module does not become it', async () => {
  const folder = handler('', { 'random.py': 'import random\ndef predict():\n    return __name__\n' });
  const worker = await Worker.ready(folder, { entry: 'random.py' });
  expect(await worker.predict({})).toBe('handler');
});

test('a pickle of a class in predict.py finds it again', async () => {
  const worker = await Worker.ready(
    handler(`
import pickle
class Thing: ...
def predict() -> bool:
    return type(pickle.loads(pickle.dumps(Thing()))) is Thing
`),
  );
  expect(await worker.predict({})).toBe(true);
});

test('nothing is written into the model directory', () => {
  const folder = handler('import near.by\ndef predict(): ...\n', { 'near/by.py': '', 'near/__init__.py': '' });
  described(folder);
  expect([existsSync(join(folder, '__pycache__')), existsSync(join(folder, 'near', '__pycache__'))]).toEqual([
    false,
    false,
  ]);
});

test('every file of the worker is written in the Python of 3.10', () => {
  const program = 'import ast, sys\nfor f in sys.argv[1:]: ast.parse(open(f).read(), f, feature_version=(3, 10))';
  const files = readdirSync(WORKER)
    .filter((name) => name.endsWith('.py'))
    .map((name) => join(WORKER, name));
  expect(spawnSync(PYTHON, ['-c', program, ...files], { encoding: 'utf8' }).stderr).toBe('');
});

test('every file of the worker says what it is', () => {
  const silent = OWN_MODULES.filter((name) => !readFileSync(join(WORKER, `${name}.py`), 'utf8').startsWith('"""'));
  expect(silent).toEqual([]);
});

test.each(Object.entries(promisedPythons()))(
  'Python %s answers a request without a warning of its own',
  async (_version, python) => {
    const worker = await Worker.ready(handler('async def predict(n: int) -> int:\n    return n + 1\n'), { python });
    expect(await worker.predict({ n: 1 })).toBe(2);
    worker.stop();
    expect([await worker.exitCode, worker.raw, worker.lines]).toEqual([0, '', []]);
  },
);
