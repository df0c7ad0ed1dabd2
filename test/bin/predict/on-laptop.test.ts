import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Ended, Home, modelApi, modelDirectory } from '../command';

const HANDLER = `
def predict(a: int, b: int = 1) -> dict:
    print("adding")
    if a == 13:
        raise ValueError("unlucky")
    return {"sum": a + b}
`;

/** One request to the handler; nothing may be left of what served it. */
async function predicted(args: string[], options: { cwd?: string } = {}): Promise<Ended & { model: string }> {
  const home = new Home();
  const model = modelDirectory({ 'predict.py': HANDLER });
  const target = options.cwd === undefined ? [model] : [];
  const cwd = options.cwd === undefined ? undefined : model;
  const ended = await modelApi(['predict', ...target, ...args], { cwd, env: home.env });
  expect({ files: home.leftovers(), processes: home.processes() }).toEqual({ files: [], processes: [] });
  return { ...ended, model };
}

test('a directory is served for one request: the result on stdout, what it prints on stderr', async () => {
  const { code, stdout, stderr } = await predicted(['-i', 'a=41']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"sum":42}\n' });
  expect(stderr).toBe('Loading predict.py…\nadding\n');
});

test('without a target it is the directory one stands in', async () => {
  const { code, stdout } = await predicted(['-i', 'a=1'], { cwd: 'model' });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"sum":2}\n' });
});

test('an input that does not fit is told by its place', async () => {
  const { code, stdout, stderr } = await predicted(['-i', 'a=one']);
  expect(stderr).toContain('✗ The handler refused the input (422 invalid_input): $.a: expected integer, got string\n');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('with nothing to send, the signature and a body that fits are told', async () => {
  const { code, stdout, stderr } = await predicted([]);
  expect(stderr).toContain('✗ There is nothing to send to predict(a: int, b: int = 1) -> dict.\n');
  expect(stderr).toContain(`  Such as: --json '{"a":1}'\n`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('an error of the handler shows its traceback and its place', async () => {
  const { code, stdout, stderr, model } = await predicted(['-i', 'a=13']);
  expect(stderr).toContain(`File "${model}/predict.py", line 5, in predict`);
  expect(stderr).toContain('  >    5 |         raise ValueError("unlucky")');
  expect(stderr).toContain('✗ The handler failed (500 handler_error): ValueError: unlucky\n');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('the same as JSON is one object on stdout', async () => {
  const { code, stdout, model } = await predicted(['-i', 'a=13', '--json-errors']);
  const { error } = JSON.parse(stdout);
  expect(error).toMatchObject({ code: 'handler_error', file: join(model, 'predict.py'), line: 5 });
  expect(code).toBe(1);
});

test('a handler that cannot be loaded ends with 3', async () => {
  const home = new Home();
  const model = modelDirectory({ 'predict.py': 'raise RuntimeError("no")\n' });
  const { code, stderr } = await modelApi(['predict', model, '-i', 'a=1'], { env: home.env });
  expect(stderr).toContain('✗ predict.py cannot be loaded: RuntimeError: no\n');
  expect({ code, files: home.leftovers() }).toEqual({ code: 3, files: [] });
});

test('what a generator yields is one JSON array', async () => {
  const home = new Home();
  const model = modelDirectory({ 'predict.py': 'def predict(n: int):\n    yield from range(n)\n' });
  const { code, stdout } = await modelApi(['predict', model, '-i', 'n=3'], { env: home.env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '[0,1,2]\n' });
});
