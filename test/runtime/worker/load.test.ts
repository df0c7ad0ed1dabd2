/** Handlers that cannot be loaded: each says what, where in the user's file, and what to do. */
import { describe, expect, test } from 'vitest';
import { described, fixture, handler, refused } from './handlers';

describe('what is loaded', () => {
  test('a function', () => {
    expect(described(fixture('echo'))).toMatchObject({
      name: 'predict',
      signature: 'predict(value: Any) -> Any',
      file: 'predict.py',
      line: 6,
      async: false,
      warnings: [],
    });
  });

  test('the one class with a predict method, beside those without', () => {
    const source = 'class Other: ...\nclass Model:\n    def predict(self, x: int) -> int: ...\n';
    expect(described(handler(source))).toMatchObject({ name: 'Model', signature: 'predict(x: int) -> int', line: 3 });
  });

  test('of a class and its base the class', () => {
    const source = 'class Base:\n    def predict(self): ...\nclass Model(Base):\n    pass\n';
    expect(described(handler(source)).name).toBe('Model');
  });

  test('no class that was imported', () => {
    const source = 'from library import Imported\nclass Model:\n    def predict(self): ...\n';
    const library = { 'library.py': 'class Imported:\n    def predict(self): ...\n' };
    expect(described(handler(source, library)).name).toBe('Model');
  });

  test('a module-level predict() before any class', () => {
    const source = 'class Model:\n    def predict(self, x: int): ...\n\npredict = Model().predict\n';
    expect(described(handler(source))).toMatchObject({ name: 'predict', signature: 'predict(x: int)' });
  });

  test('a partial and an object that can be called', () => {
    const partial = 'import functools\ndef f(a: int, b: str): ...\npredict = functools.partial(f, b="x")\n';
    expect(described(handler(partial)).input.required).toEqual(['a']);
    const callable = 'class Model:\n    def __call__(self, a: int): ...\npredict = Model()\n';
    expect(described(handler(callable)).input.required).toEqual(['a']);
  });

  test('a decorated predict() with the signature of what it wraps', () => {
    const source = `
import functools
def logged(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper

@logged
def predict(a: int) -> str: ...
`;
    expect(described(handler(source))).toMatchObject({ signature: 'predict(a: int) -> str', line: 9 });
  });

  test('another file than predict.py, in a folder of its own with its neighbours', () => {
    const folder = handler('', { 'src/serve.py': 'from near import predict\n', 'src/near.py': 'def predict(): ...\n' });
    expect(described(folder, { entry: 'src/serve.py' })).toMatchObject({ file: 'src/near.py', line: 1 });
  });

  test('what a handler prints while it loads does not mix with the description', () => {
    expect(described(handler('print("noise")\ndef predict(): ...\n')).name).toBe('predict');
  });
});

describe('how the body reaches the parameters', () => {
  test('**kwargs takes what no parameter names', () => {
    const { input } = described(handler('def predict(a: int, **rest): ...\n'));
    expect(input).toMatchObject({ required: ['a'], additionalProperties: true });
    const typed = described(handler('def predict(**scores: float): ...\n'));
    expect(typed.input.additionalProperties).toEqual({ type: 'number' });
  });

  test.each(['request', 'payload', 'body'])('one parameter %s without a hint takes the whole body', (name) => {
    expect(described(handler(`def predict(${name}): ...\n`)).input).toEqual({ type: 'object' });
  });

  test('one parameter request with a hint is a key like any other', () => {
    expect(described(handler('def predict(request: str): ...\n')).input).toMatchObject({ required: ['request'] });
  });

  test('without hints every key takes anything', () => {
    expect(described(handler('def predict(a, b=1): ...\n')).input).toEqual({
      type: 'object',
      properties: { a: {}, b: { default: 1 } },
      required: ['a'],
      additionalProperties: false,
    });
  });
});

describe('a hint that JSON Schema cannot express', () => {
  const FIX = expect.stringMatching(/dataclass, TypedDict or pydantic model, or hint it as Any/);

  test('is served unchecked, with a warning that names the parameter, its line and two ways out', () => {
    const { input, warnings } = described(
      handler('class Image: ...\n\ndef predict(\n    text: str,\n    image: Image,\n): ...\n'),
    );
    expect(input.properties).toEqual({ text: { type: 'string' }, image: {} });
    const message = 'parameter image has the hint Image, which has no JSON Schema: all values pass';
    expect(warnings).toEqual([{ message, file: 'predict.py', line: 5, fix: FIX }]);
  });

  test.each([
    [
      'callables',
      'from typing import Callable\ndef predict(f: Callable[[int], str]): ...',
      'parameter f',
      'Callable',
      2,
    ],
    [
      'names for type checkers alone',
      'from __future__ import annotations\ndef predict(a: int, x: Frame): ...',
      'parameter x',
      'Frame',
      2,
    ],
    ['results', 'def predict() -> complex: ...', 'the result of predict()', 'complex', 1],
    [
      'fields',
      'from dataclasses import dataclass\n@dataclass\nclass Box:\n    x: complex\ndef predict(b: Box): ...',
      'Box.x',
      'complex',
      4,
    ],
    [
      'enums of objects',
      'from enum import Enum\nclass E(Enum):\n    A = (1, 2)\ndef predict(e: E): ...',
      'parameter e',
      'E',
      4,
    ],
  ])('%s', (_what, source, subject, hint, line) => {
    const [warning, ...others] = described(handler(`${source}\n`)).warnings;
    expect(warning).toMatchObject({
      message: expect.stringContaining(`${subject} has the hint ${hint}`),
      file: 'predict.py',
      line,
    });
    expect(others).toEqual([]);
  });

  test('costs the other parameters nothing', () => {
    const source = 'from __future__ import annotations\ndef predict(a: int, x: Frame, b: list[str]) -> int: ...\n';
    const { input, output } = described(handler(source));
    expect(input.properties).toEqual({
      a: { type: 'integer' },
      x: {},
      b: { type: 'array', items: { type: 'string' } },
    });
    expect(output).toEqual({ type: 'integer' });
  });
});

describe('what cannot be loaded', () => {
  test('a directory without predict.py', () => {
    expect(refused(fixture('echo'), { entry: 'serve.py' })).toMatchObject({
      kind: 'load',
      message: `no serve.py in ${fixture('echo')}: found predict.py`,
      file: 'serve.py',
      hint: expect.stringContaining('Create serve.py with a predict() function'),
    });
  });

  test('a directory that is not there', () => {
    expect(refused('/nonexistent').message).toBe('no predict.py in /nonexistent: it has no Python files');
  });

  test('a syntax error, at its line, with the caret', () => {
    const failure = refused(handler('def predict():\n    return (1,\n'));
    expect(failure).toMatchObject({
      type: 'SyntaxError',
      message: "'(' was never closed",
      file: 'predict.py',
      line: 2,
    });
    expect(failure.traceback).toMatch(/predict\.py", line 2\n +return \(1,\n +\^/);
  });

  test('a syntax error in a module that predict.py imports', () => {
    const folder = handler('import near\n', { 'near.py': 'x = = 1\n' });
    expect(refused(folder)).toMatchObject({ type: 'SyntaxError', file: 'near.py', line: 1 });
  });

  test.each([
    ['flask_of_nothing', 'Add flask_of_nothing to requirements.txt.'],
    ['sklearn.linear_model', 'Add scikit-learn to requirements.txt.'],
    ['cv2', 'Add opencv-python-headless to requirements.txt.'],
  ])('a missing dependency: %s', (module, hint) => {
    const failure = refused(handler(`import os\nimport ${module}\n`));
    expect(failure).toMatchObject({ type: 'ModuleNotFoundError', line: 2, hint: expect.stringContaining(hint) });
  });

  test('a missing dependency of a project with pyproject.toml', () => {
    const folder = handler('import flask_of_nothing\n', { 'pyproject.toml': '' });
    expect(refused(folder).hint).toContain('Add flask_of_nothing to pyproject.toml.');
  });

  test('a file without predict(), saying what was found', () => {
    expect(refused(handler('def main(): ...\nclass Model:\n    def run(self): ...\n'))).toMatchObject({
      message: 'predict.py has no predict(); found function main, class Model (run)',
      file: 'predict.py',
      hint: expect.stringContaining('Define `def predict(...)`'),
    });
    expect(refused(handler('')).message).toContain('found no functions and no classes');
  });

  test('two classes with a predict method', () => {
    const source = 'class A:\n    def predict(self): ...\nclass B:\n    def predict(self): ...\n';
    expect(refused(handler(source))).toMatchObject({
      message: 'predict.py has 2 classes with a predict method: A, B',
      line: 3,
      hint: expect.stringContaining('Keep one'),
    });
  });

  test("an __init__ that raises, at the line of the user's own code", () => {
    const source =
      'import json\nclass Model:\n    def __init__(self):\n        json.loads("")\n    def predict(self): ...\n';
    const failure = refused(handler(source));
    expect(failure).toMatchObject({ kind: 'load', type: 'JSONDecodeError', file: 'predict.py', line: 4 });
    expect(failure.traceback).not.toContain('runtime/worker');
  });

  test('an __init__ that asks for what nothing provides', () => {
    const source = 'class Model:\n    def __init__(self, weights, model_dir, n=1): ...\n    def predict(self): ...\n';
    expect(refused(handler(source))).toMatchObject({
      message: 'Model.__init__ asks for weights, which nothing provides',
      line: 1,
      hint: expect.stringContaining('Only model_dir and config are provided'),
    });
  });

  test('a model file that is not there', () => {
    const failure = refused(handler('open("model.bin")\n'));
    expect(failure).toMatchObject({ type: 'FileNotFoundError', line: 1, hint: expect.stringContaining('model_dir') });
  });

  test('sys.exit() while loading', () => {
    const failure = refused(handler('import sys\nsys.exit("no licence")\n'));
    expect(failure).toMatchObject({
      type: 'SystemExit',
      message: 'no licence',
      line: 2,
      hint: expect.stringContaining('__main__'),
    });
  });

  test.each([
    ['a batch generator', 'def predict_batch(a):\n    yield 1', 'predict_batch() is a generator', 'Return a list'],
    ['predict_batch() of nothing', 'def predict_batch(): ...', 'no parameter that could take the items', 'Give it one'],
    ['parameters by position only', 'def predict(a, /): ...', 'predict() takes a by position only', 'Remove the `/`'],
    ['a built-in', 'predict = max', 'predict cannot be inspected', 'Wrap it'],
  ])('%s', (_what, source, message, hint) => {
    const failure = refused(handler(`${source}\n`));
    expect(failure).toMatchObject({
      kind: 'load',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });
});
