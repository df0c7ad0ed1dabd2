import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Dev, type Ended, Home, modelApi, modelDirectory, temporaryFolder, writeModelFile } from '../command';
import { pathWith, program, pythonThatSays, REAL_MINOR, REAL_PYTHON, writeWheel } from './machine';

/** Answers where its Python is, and what the package `greeting` says. */
const PREDICT = `
import sys
try:
    from greeting import TEXT
except ImportError:
    TEXT = "no greeting"
def predict() -> list[str]:
    return [sys.prefix, TEXT]
`;

function greetingModel(text: string): string {
  const model = modelDirectory({ 'predict.py': PREDICT });
  writeModelFile(model, 'requirements.txt', writeWheel(model, text));
  return model;
}

function predictWith(home: Home, model: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return modelApi(['predict', model, '--json', '{}'], { env: { ...home.env, ...env } });
}

/** Where the handler ran, and what it said. */
function answered({ code, stdout, stderr }: Ended): { prefix: string; text: string } {
  expect(code, stderr).toBe(0);
  const [prefix, text] = JSON.parse(stdout);
  return { prefix, text };
}

/** A machine without uv. */
const onlyPython = () => ({ PATH: pathWith({ python3: program(REAL_PYTHON) }) });

describe('an environment', () => {
  test('holds what requirements.txt asks for, and its making is visible', async () => {
    const home = new Home();
    const ended = await predictWith(home, greetingModel('hello'), onlyPython());
    expect(answered(ended)).toEqual({ prefix: expect.stringContaining(home.cache), text: 'hello' });
    expect(ended.stderr).toMatch(/^Installing requirements\.txt for Python 3\.\d+\.\d+…$/m);
    expect(ended.stderr).toMatch(/^Installed requirements\.txt in \d+\.\d s$/m);
  });

  test('is used again for the same content, and made anew for other content', async () => {
    const home = new Home();
    const machine = onlyPython();
    const first = answered(await predictWith(home, greetingModel('hello'), machine));
    const again = await predictWith(home, greetingModel('hello'), machine);
    expect(again.stderr).not.toContain('Installing');
    expect(answered(again)).toEqual(first);
    expect(answered(await predictWith(home, greetingModel('goodbye'), machine)).text).toBe('goodbye');
  });

  test('is made whole by each of two commands at once, and one of them stays', async () => {
    const home = new Home();
    const model = greetingModel('hello');
    const both = await Promise.all([predictWith(home, model), predictWith(home, model)]);
    expect(both.map((ended) => answered(ended).text)).toEqual(['hello', 'hello']);
    expect(home.environments().filter((name) => !name.includes('.'))).toHaveLength(1);
  });

  test('is not made where nothing is to be installed', async () => {
    const home = new Home();
    const ended = await predictWith(home, modelDirectory({ 'predict.py': PREDICT }), onlyPython());
    const prefix = execFileSync(REAL_PYTHON, ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' }).trim();
    expect(answered(ended)).toEqual({ prefix, text: 'no greeting' });
    expect(home.environments()).toEqual([]);
  });

  test('is removed half-made when its making is interrupted', async () => {
    const home = new Home();
    const uv = `case "$1" in venv) mkdir "$5"; echo made "$5" >&2; exec sleep 60;; esac`;
    const env = { ...home.env, PATH: `${pathWith({ python3: program(REAL_PYTHON), uv })}:/bin:/usr/bin` };
    const dev = new Dev([greetingModel('hello')], { env });
    await dev.says('Installing');
    expect(await dev.signal('SIGINT')).toBe(130);
    expect({ made: home.environments(), running: home.processes() }).toEqual({ made: [], running: [] });
  });

  test('that a killed command left half-made is never used, and removed', async () => {
    const home = new Home();
    const ended = spawnSync('true').pid;
    mkdirSync(join(home.cache, `cdk-model-api/environments/0123456789abcdef.${ended}/bin`), { recursive: true });
    answered(await predictWith(home, greetingModel('hello')));
    expect(home.environments().filter((name) => name.startsWith('0123456789abcdef'))).toEqual([]);
  });

  test('follows uv.lock, and gets uv by pip where it is missing', { timeout: 120_000 }, async () => {
    const model = greetingModel('from the lock');
    const [wheel] = execFileSync('ls', [model], { encoding: 'utf8' }).match(/\S+\.whl/) ?? [];
    writeModelFile(model, 'pyproject.toml', lockedProject(wheel ?? ''));
    const tools = temporaryFolder();
    execFileSync(REAL_PYTHON, ['-m', 'venv', tools]);
    execFileSync(join(tools, 'bin/pip'), ['install', '-q', 'uv']);
    execFileSync(join(tools, 'bin/uv'), ['lock', '--quiet', '--python', REAL_PYTHON], { cwd: model });
    const withUv = { PATH: pathWith({ python3: program(REAL_PYTHON), uv: program(join(tools, 'bin/uv')) }) };
    for (const machine of [onlyPython(), withUv]) {
      const ended = await predictWith(new Home(), model, machine);
      expect(answered(ended).text).toBe('from the lock');
    }
  });
});

function lockedProject(wheel: string): string {
  return `[project]
name = "model"
version = "1"
requires-python = ">=3.10"
dependencies = ["greeting"]
[tool.uv.sources]
greeting = { path = "${wheel}" }
`;
}

describe('requirements that cannot be installed', () => {
  test("show pip's own words, then the line, and leave nothing behind", async () => {
    const home = new Home();
    const model = modelDirectory({ 'predict.py': PREDICT, 'requirements.txt': '--no-index\n\nno_such.package==9\n' });
    const { code, stdout, stderr } = await predictWith(home, model, onlyPython());
    expect(stderr).toMatch(/ERROR: .*no_such\.package==9.*requirements\.txt:3\n.*✗ requirements\.txt cannot be/s);
    expect(stderr).toContain('>    3 | no_such.package==9');
    expect({ code, stdout, left: home.environments() }).toEqual({ code: 3, stdout: '', left: [] });
  });

  test('are told as JSON with file and line', async () => {
    const model = modelDirectory({ 'predict.py': PREDICT, 'requirements.txt': 'idna==3.7\nnot a requirement\n' });
    const { code, stdout } = await modelApi(['predict', model, '--json', '{}', '--json-errors'], {
      env: { ...new Home().env, ...onlyPython() },
    });
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: 'install_failed', file: join(model, 'requirements.txt'), line: 2 });
    expect(error.evidence).toContain('Invalid requirement');
    expect(code).toBe(3);
  });

  test('are told as at synth when a project names dependencies without a lock', async () => {
    const project = '[project]\nname = "m"\nversion = "1"\ndependencies = ["numpy"]\n';
    const model = modelDirectory({ 'predict.py': PREDICT, 'pyproject.toml': project });
    const { code, stderr } = await predictWith(new Home(), model);
    expect(stderr).toContain('names dependencies but there is no uv.lock: run `uv lock` beside it');
    expect(code).toBe(3);
  });
});

describe('the Python', () => {
  const model = () => modelDirectory({ 'predict.py': PREDICT });
  const minor = (version: string) => ({ '.python-version': `${version}\n` });

  test('has to be there', async () => {
    const { code, stderr } = await predictWith(new Home(), model(), { PATH: pathWith({}) });
    expect(stderr).toContain('✗ Python 3.10 or newer is needed: there is no python3 on the PATH.\n  Install it: "uv');
    expect(code).toBe(3);
  });

  test('has to be new enough', async () => {
    const { code, stderr } = await predictWith(new Home(), model(), {
      PATH: pathWith({ python3: pythonThatSays('3.9.1') }),
    });
    expect(stderr).toContain('✗ Python 3.10 or newer is needed: /opt/python is Python 3.9.1.');
    expect(code).toBe(3);
  });

  test('is another one by name where python3 is too old', async () => {
    const PATH = pathWith({ python3: pythonThatSays('3.9.1'), [`python${REAL_MINOR}`]: program(REAL_PYTHON) });
    expect(answered(await predictWith(new Home(), model(), { PATH })).text).toBe('no greeting');
  });

  test('is the one that .python-version names, without a warning', async () => {
    const PATH = pathWith({ python3: pythonThatSays('3.10.0'), [`python${REAL_MINOR}`]: program(REAL_PYTHON) });
    const directory = modelDirectory({ 'predict.py': PREDICT, ...minor(REAL_MINOR) });
    const { code, stderr } = await predictWith(new Home(), directory, { PATH });
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Loading predict.py…\n' });
  });

  test('of another minor than .python-version names is warned of, with how to get the right one', async () => {
    const another = REAL_MINOR === '3.13' ? '3.12' : '3.13';
    const directory = modelDirectory({ 'predict.py': PREDICT, ...minor(another) });
    const withUv = { PATH: pathWith({ python3: program(REAL_PYTHON), uv: 'exit 0' }) };
    for (const [machine, way] of [
      [onlyPython(), 'install it: from python.org'],
      [withUv, `install it: uv python install ${another}`],
    ] as const) {
      const dev = new Dev([directory], { env: { ...new Home().env, ...machine } });
      await dev.says(`⚠ The image will run Python ${another}, and this is Python ${REAL_MINOR}.`);
      await dev.says(way);
    }
  });

  test('of another minor than the image has of itself is warned of, with how to keep it', async () => {
    const says = pythonThatSays('3.11.7').replace('/opt/python', REAL_PYTHON);
    const dev = new Dev([model()], { env: { ...new Home().env, PATH: pathWith({ python3: says }) } });
    await dev.says('⚠ The image will run Python 3.12, and this is Python 3.11.7.\n  Write 3.11 into .python-version');
  });

  test('that .python-version names has to be one that the image can have', async () => {
    const directory = modelDirectory({ 'predict.py': PREDICT, ...minor('3.9') });
    const { code, stderr } = await predictWith(new Home(), directory);
    expect(stderr).toContain('.python-version says "3.9"; expected one of 3.10, 3.11');
    expect(code).toBe(3);
  });
});
