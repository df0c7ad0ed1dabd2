import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Ended, Home, modelApi, modelDirectory, temporaryFolder } from '../command';

/** Runs `dev` to its end on a home of its own, and asserts that nothing is left there. */
async function devEnds(args: string[]): Promise<Ended> {
  const home = new Home();
  const ended = await modelApi(['dev', '--port', '0', ...args], { env: home.env });
  expect({ files: home.leftovers(), processes: home.processes() }).toEqual({ files: [], processes: [] });
  return ended;
}

describe('a target', () => {
  test('that is not there', async () => {
    const { code, stderr } = await devEnds(['models/nowhere']);
    expect(stderr).toBe('✗ There is no directory models/nowhere.\n  Give the directory that holds predict.py.\n');
    expect(code).toBe(2);
  });

  test('without predict.py names the directory and what was found', async () => {
    const model = modelDirectory({ 'serve.py': '', 'notes.txt': '' });
    const { code, stderr } = await devEnds([model]);
    expect(stderr).toContain(`✗ There is no predict.py in ${model}: it holds notes.txt, serve.py.\n`);
    expect(stderr).toContain(`If the handler is in serve.py, give that file: ${model}/serve.py`);
    expect(code).toBe(3);
  });

  test('one level too high is answered with the right one', async () => {
    const folder = modelDirectory({ 'model/predict.py': '' });
    expect((await devEnds([folder])).stderr).toContain(`Did you mean ${folder}/model?`);
  });

  test('that is another kind of file', async () => {
    const { code, stderr } = await devEnds([join(modelDirectory({ 'model.json': '{}' }), 'model.json')]);
    expect(stderr).toContain('model.json is neither a directory nor a Python file.');
    expect(code).toBe(2);
  });
});

describe('a handler', () => {
  async function refused(source: string, args: string[] = []): Promise<{ stderr: string; file: string }> {
    const model = modelDirectory({ 'predict.py': source });
    const { code, stdout, stderr } = await devEnds([model, ...args]);
    expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: '' });
    return { stderr, file: join(model, 'predict.py') };
  }

  test('with a syntax error: the place, then the reason', async () => {
    const { stderr, file } = await refused('x = 1\ndef predict(:\n    pass\n');
    expect(stderr).toContain(`${file}:2\n       1 | x = 1\n  >    2 | def predict(:\n       3 |     pass\n`);
    expect(stderr).toMatch(/\n✗ predict\.py cannot be loaded: SyntaxError: /);
  });

  test('that imports what is not installed: the package to add', async () => {
    const { stderr, file } = await refused('import os\nimport sklearn_is_not_here\ndef predict(): pass\n');
    expect(stderr).toMatch(/^Loading predict\.py…\nTraceback \(most recent call last\):\n/m);
    expect(stderr).toContain(`${file}:2\n`);
    expect(stderr).toContain(
      "ModuleNotFoundError: No module named 'sklearn_is_not_here'\n  Add sklearn_is_not_here to req",
    );
  });

  test('that raises while it loads: its own frames alone', async () => {
    const { stderr, file } = await refused(
      'def fail():\n    raise ValueError("no weights")\nfail()\ndef predict(): pass\n',
    );
    expect(stderr).toContain(`File "${file}", line 3, in <module>`);
    expect(stderr).toContain('✗ predict.py cannot be loaded: ValueError: no weights');
    expect(stderr).not.toContain('runtime/worker');
  });

  test('without predict: what to write', async () => {
    const { stderr } = await refused('def guess(): pass\n');
    expect(stderr).toMatch(/✗ predict\.py cannot be loaded: .*predict/);
    expect(stderr).not.toContain('Traceback');
  });

  test('that misses something in its config: how to give one, where none was given', async () => {
    const source =
      'class Model:\n    def __init__(self, config): self.n = config["n"]\n    def predict(self): return 1\n';
    const hint = "KeyError: 'n'\n  No --config was given: config is {}. Give one: --config config.json\n";
    expect((await refused(source)).stderr).toContain(hint);
    const config = join(modelDirectory({ 'config.json': '{"m": 1}' }), 'config.json');
    expect((await refused(source, ['--config', config])).stderr).not.toContain('--config');
    expect((await refused('{}["n"]\ndef predict(): return 1\n')).stderr).not.toContain('--config');
  });

  test('that exits while it loads', async () => {
    const { stderr } = await refused('import sys\nsys.exit(4)\n');
    expect(stderr).toMatch(/✗ predict\.py cannot be loaded: SystemExit: 4/);
  });

  test('that never finishes loading: how long was waited', async () => {
    const { stderr } = await refused('import time\ntime.sleep(600)\n', ['--load-timeout', '1']);
    expect(stderr).toMatch(/✗ predict\.py cannot be loaded: .*\b1 s/);
  });

  test('as JSON: one object on standard output, with file and line', async () => {
    const model = modelDirectory({ 'predict.py': '\nraise KeyError("x")\n' });
    const { code, stdout } = await devEnds([model, '--json']);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: 'load_failed', file: join(model, 'predict.py'), line: 2 });
    expect(code).toBe(3);
  });
});

describe('an option', () => {
  const model = () => modelDirectory({ 'predict.py': 'def predict(): return 1\n' });

  test('--config that is not JSON: its place', async () => {
    const config = join(temporaryFolder(), 'config.json');
    writeFileSync(config, '{\n  "a": ,\n}\n');
    const { code, stderr } = await devEnds([model(), '--config', config]);
    expect(stderr).toContain(`${config}:2\n`);
    expect(stderr).toContain('✗ --config is not JSON: ');
    expect(code).toBe(2);
  });

  test('--config that is no object, or not there', async () => {
    const config = join(temporaryFolder(), 'config.json');
    writeFileSync(config, '[]');
    expect((await devEnds([model(), '--config', config])).stderr).toContain(
      '--config has to be a JSON object, and is an array.',
    );
    expect((await devEnds([model(), '--config', `${config}.gone`])).stderr).toContain(
      `✗ --config: There is no file ${config}.gone.\n`,
    );
  });

  test('--port that is taken: by whom, and which one is free', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await devEnds([model(), '--port', String(port)]);
    expect(stderr).toMatch(new RegExp(`^✗ Port ${port} is taken( by \\S+ \\(process ${process.pid}\\))?\\.\n`));
    expect(stderr).toMatch(/or take another: --port \d+\n$/);
    expect(code).toBe(2);
  });

  test('--host that is no address of this machine', async () => {
    const { code, stderr } = await devEnds([model(), '--host', '192.0.2.1', '--port', '0']);
    expect(stderr).toContain('✗ Cannot listen on 192.0.2.1 port 0: EADDRNOTAVAIL.');
    expect(code).toBe(2);
  });
});
