import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask, Dev, Home, modelDirectory, temporaryFolder, writeModelFile } from '../command';
import { writeWheel } from '../python/machine';

const ADD = 'def predict(a: int, b: int = 1) -> int:\n    return a + b\n';
const answering = (value: number) => `def predict() -> int:\n    return ${value}\n`;

/** Serves files from a home of their own until the test is over. */
function serve(files: Record<string, string>, args: string[] = ['--json']) {
  const home = new Home();
  const model = modelDirectory(files);
  const dev = new Dev([model, ...args], { env: home.env });
  return { dev, home, model, write: (name: string, content: string) => writeModelFile(model, name, content) };
}

/** A handler that waits for a file while it loads, and says so by another one. */
function waitingHandler(folder: string, value: number): string {
  const [here, go] = ['here', 'go'].map((name) => JSON.stringify(join(folder, name)));
  return `import os, time
open(${here}, "w").close()
while not os.path.exists(${go}):
    time.sleep(0.01)
${answering(value)}`;
}

describe('what is shown', () => {
  test('the handler, its Python, the addresses, a request to paste and the way to production', async () => {
    const sample = JSON.stringify({ input: { a: 40, b: 2 }, output: 42 });
    const { dev } = serve({ 'predict.py': ADD, 'samples/first.json': sample }, []);
    await dev.says('npx cdk deploy');
    const [handler, loaded, api, openApi, example, last] = dev.stdout.split('\n');
    expect(handler).toBe('  handler   predict.py → predict(a: int, b: int = 1) -> int');
    expect(loaded).toMatch(/^ {2}loaded {4}1 worker, Python 3\.\d+\.\d+, \d+\.\d s; 1 sample answered in \d+\.\d s$/);
    const url = /http:\S+(?=\/predict)/.exec(api)?.[0];
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(openApi).toBe(`  OpenAPI   ${url}/openapi.json`);
    expect(example).toBe(`  curl ${url}/predict -H 'content-type: application/json' -d '{"a":40,"b":2}'`);
    expect(last).toBe('  Watching for changes · Ctrl-C stops     For production: npx cdk deploy');
  });

  test('the request to paste is right in form where there is no sample', async () => {
    const handler = 'def predict(text: str, n: int, flag: bool, tags: list[str], opt: int = 3): return n\n';
    const { dev } = serve({ 'predict.py': handler });
    const { url, example } = await dev.event('ready');
    const body = /-d '(.*)'$/.exec(example)?.[1] ?? '';
    expect(JSON.parse(body)).toEqual({ text: 'text', n: 1, flag: true, tags: ['text'] });
    expect(await ask(url, JSON.parse(body))).toEqual({ status: 200, body: 1 });
  });

  test('a sample that is none, or does not fit, with what is wrong, and another one to paste', async () => {
    const samples = { 'samples/a.json': '{"a": 1}', 'samples/b.json': '{"input": {"a": "x"}}' };
    const { dev } = serve({ 'predict.py': ADD, ...samples, 'samples/c.json': '{"input": {"a": 40}}' });
    const { example } = await dev.event('ready');
    expect(dev.stderr).toContain('⚠ samples/a.json is not a sample: expected {"input": {...}} and, if it is known');
    expect(dev.stderr).toContain(
      '⚠ samples/b.json does not fit the handler: $.a: expected integer, got string\n  It is',
    );
    expect(example).toContain(`-d '{"a":40}'`);
  });

  test('a line a request, with its time, and why it was refused', async () => {
    const { dev } = serve({ 'predict.py': ADD }, []);
    const [url] = await dev.says(/http:\S+(?=\/predict)/);
    await ask(url, { a: 1 });
    await dev.says(/^ {2}POST \/predict 200 \d+ ms$/m);
    await ask(url, { a: 'x' });
    await dev.says(/^ {2}POST \/predict 422 \d+ ms {2}invalid_input: \$\.a: expected integer, got string$/m);
  });

  test('what the handler prints', async () => {
    const { dev } = serve({ 'predict.py': 'def predict() -> None:\n    print("thinking")\n' }, []);
    const [url] = await dev.says(/http:\S+(?=\/predict)/);
    await ask(url, {});
    await dev.says(/^thinking$/m);
  });

  test('what the handler prints for which request, where several run at a time', async () => {
    const handler = 'def predict() -> None:\n    print("thinking")\n';
    const { dev } = serve({ 'predict.py': handler }, ['--workers', '2']);
    const [url] = await dev.says(/http:\S+(?=\/predict)/);
    await ask(url, {}, { 'x-request-id': 'request-number-1' });
    await dev.says(/^request- thinking$/m);
  });

  test('as JSON, with its level and its request', async () => {
    const handler = 'import logging\ndef predict() -> None:\n    logging.warning("careful")\n';
    const { dev } = serve({ 'predict.py': handler });
    await ask((await dev.event('ready')).url, {}, { 'x-request-id': 'mine' });
    expect(await dev.event('output')).toMatchObject({ msg: 'careful', level: 'warning', request_id: 'mine' });
  });

  test("the user's own traceback when the handler raises, the lines around the place, and whose request it was", async () => {
    const { dev, model } = serve({ 'predict.py': 'def predict(a: int) -> int:\n    b = 0\n    return a // b\n' }, []);
    const [url] = await dev.says(/http:\S+(?=\/predict)/);
    await ask(url, { a: 1 }, { 'x-request-id': 'mine' });
    await dev.says('✗ ZeroDivisionError: ');
    expect(dev.stdout).toMatch(/^ {2}POST \/predict 500 \d+ ms {2}handler_error {2}request_id mine$/m);
    expect(dev.stderr).toContain(`File "${model}/predict.py", line 3, in predict`);
    expect(dev.stderr).toContain(`${model}/predict.py:3\n       2 |     b = 0\n  >    3 |     return a // b\n\n✗ Zero`);
    expect(dev.stderr).not.toContain('runtime/worker');
  });

  test('a result that JSON cannot express in two lines: where it stands, and what to do', async () => {
    const { dev } = serve({ 'predict.py': 'def predict() -> dict:\n    return {"score": float("nan")}\n' }, []);
    const [url] = await dev.says(/http:\S+(?=\/predict)/);
    await ask(url, {});
    await dev.says('Return a finite number or None.');
    expect(dev.stderr).toMatch(
      /\n✗ InvalidResult: \$\.score is nan, which JSON cannot express\n {2}Return a finite number or None\.\n$/,
    );
    expect(dev.stderr).not.toContain('Traceback');
  });

  test('a hint that the schema cannot express, with its place and its fix, and the handler is served', async () => {
    const handler = 'class Odd: pass\ndef predict(x: Odd, n: int): return n\n';
    const { dev } = serve({ 'predict.py': handler });
    const { url, handler: loaded } = await dev.event('ready');
    expect(dev.stderr).toMatch(/^⚠ predict\.py:2: .*\bx\b.*\n {2}\S/m);
    expect(loaded.warnings).toHaveLength(1);
    expect(await ask(url, { x: {}, n: 5 })).toEqual({ status: 200, body: 5 });
  });
});

describe('options', () => {
  test('--config is what the handler receives, --workers how many there are', async () => {
    const config = join(temporaryFolder(), 'config.json');
    writeFileSync(config, '{"greeting": "hi"}');
    const handler = `class Model:
    def __init__(self, config): self.config = config
    def predict(self) -> dict: return self.config\n`;
    const { dev } = serve({ 'predict.py': handler }, ['--json', '--config', config, '--workers', '2']);
    const { url } = await dev.event('ready');
    expect((await ask(url, {})).body).toEqual({ greeting: 'hi' });
    expect((await (await fetch(`${url}/metrics`)).text()).match(/^model_api_ready_workers.* (\d+)$/m)?.[1]).toBe('2');
  });

  test('--debug tells in full what is else told in short, and not both', async () => {
    const { dev } = serve({ 'predict.py': 'def predict() -> None:\n    print("thinking")\n' }, ['--debug']);
    const [url] = await dev.says(/http:\S+(?=\/predict)/);
    await ask(url, {});
    await dev.says(/^\{.*"msg":"thinking".*\}$/m);
    await dev.says(/^\{.*"msg":"POST \/predict 200".*\}$/m);
    expect(dev.stdout).not.toMatch(/thinking|POST/);
  });

  test('--no-reload serves what was there at the start', async () => {
    const { dev, write } = serve({ 'predict.py': answering(1) }, ['--no-reload']);
    const [url] = await dev.says(/http:\S+(?=\/predict)/);
    write('predict.py', answering(2));
    expect((await ask(url, {})).body).toBe(1);
    expect(dev.stdout).toContain('  Ctrl-C stops');
  });

  test('a Python file of another name is served when it is named', async () => {
    const model = modelDirectory({ 'serve.py': answering(7) });
    const dev = new Dev([join(model, 'serve.py'), '--json'], { env: new Home().env });
    expect((await ask((await dev.event('ready')).url, {})).body).toBe(7);
  });
});

describe('a change', () => {
  test('is served about a second later, and says what changed', async () => {
    const { dev, write } = serve({ 'predict.py': answering(1) });
    const { url } = await dev.event('ready');
    write('predict.py', answering(2));
    const { files, seconds } = await dev.event('reloaded');
    expect({ files, body: (await ask(url, {})).body }).toEqual({ files: ['predict.py'], body: 2 });
    expect(seconds).toBeLessThan(5);
  });

  test('of a module or a file of the model counts, and of a log does not', async () => {
    const { dev, write } = serve({ 'predict.py': 'from rate import predict\n', 'rate.py': answering(1) });
    const { url } = await dev.event('ready');
    for (const name of ['run.log', '.hidden', '__pycache__/x.pyc']) write(name, '{}');
    write('rate.py', answering(2));
    expect((await dev.event('reloaded')).files).toEqual(['rate.py']);
    expect((await ask(url, {})).body).toBe(2);
  });

  test('of a sample is answered anew, and one that the handler cannot answer keeps the old worker', async () => {
    const { dev, model, write } = serve({ 'predict.py': 'def predict(a: int) -> int:\n    return 1 // a\n' });
    const { url } = await dev.event('ready');
    write('samples/zero.json', '{"input": {"a": 0}}');
    const { error } = await dev.event('reload_failed');
    expect(error).toMatchObject({ code: 'sample_failed', file: join(model, 'predict.py'), line: 2 });
    expect(error.message).toMatch(/^predict\.py cannot answer samples\/zero\.json: ZeroDivisionError: /);
    expect((await ask(url, { a: 1 })).body).toBe(1);
    write('samples/zero.json', '{"input": {"a": 1}}');
    expect((await dev.event('reloaded')).files).toEqual(['samples/zero.json']);
  });

  test('is loaded beside the old worker, which serves until then', async () => {
    const folder = temporaryFolder();
    const { dev, write } = serve({ 'predict.py': answering(1) });
    const { url } = await dev.event('ready');
    write('predict.py', waitingHandler(folder, 2));
    await expect.poll(() => existsSync(join(folder, 'here')), { timeout: 10_000 }).toBe(true);
    expect((await ask(url, {})).body).toBe(1);
    writeFileSync(join(folder, 'go'), '');
    await dev.event('reloaded');
    expect((await ask(url, {})).body).toBe(2);
  });

  test('that cannot be loaded shows the traceback and keeps the old one, until the next change', async () => {
    const { dev, model, write } = serve({ 'predict.py': answering(1) });
    const { url } = await dev.event('ready');
    write('predict.py', `import nowhere_to_be_found\n${answering(2)}`);
    const { error, files } = await dev.event('reload_failed');
    expect(error).toMatchObject({ code: 'load_failed', file: join(model, 'predict.py'), line: 1 });
    expect({ files, body: (await ask(url, {})).body }).toEqual({ files: ['predict.py'], body: 1 });
    write('predict.py', answering(3));
    await dev.event('reloaded');
    expect((await ask(url, {})).body).toBe(3);
  });

  test('that cannot be loaded is shown with the traceback first and what serves last', async () => {
    const { dev, write } = serve({ 'predict.py': answering(1) }, []);
    await dev.says('npx cdk deploy');
    write('predict.py', 'def predict(:\n');
    await dev.says('↻ predict.py changed: what was loaded before goes on serving. Save again to retry.\n');
    expect(dev.stderr).toMatch(/def predict\(:\n.*SyntaxError.*predict\.py:1\n.*✗ predict\.py cannot be loaded/s);
  });

  test('during a reload is reloaded after it', async () => {
    const folder = temporaryFolder();
    const { dev, write } = serve({ 'predict.py': answering(1) });
    const { url } = await dev.event('ready');
    write('predict.py', waitingHandler(folder, 2));
    await expect.poll(() => existsSync(join(folder, 'here')), { timeout: 10_000 }).toBe(true);
    write('predict.py', answering(3));
    writeFileSync(join(folder, 'go'), '');
    await dev.event('reloaded');
    await dev.event('reloaded');
    expect((await ask(url, {})).body).toBe(3);
  });

  test('of the requirements makes a new environment first, and the old worker serves until it has loaded', async () => {
    const handler = 'def predict() -> str:\n    from greeting import TEXT\n    return TEXT\n';
    const model = modelDirectory({ 'predict.py': handler });
    writeModelFile(model, 'requirements.txt', writeWheel(model, 'hello'));
    const dev = new Dev([model, '--json'], { env: new Home().env });
    const { url } = await dev.event('ready');
    writeWheel(model, 'goodbye');
    expect((await ask(url, {})).body).toBe('hello');
    await dev.event('reloaded');
    expect((await ask(url, {})).body).toBe('goodbye');
  });

  test('of the requirements that cannot be installed keeps the old worker', async () => {
    const { dev, write } = serve({ 'predict.py': answering(1), 'requirements.txt': '' });
    const { url } = await dev.event('ready');
    write('requirements.txt', 'not a requirement\n');
    expect((await dev.event('reload_failed')).error).toMatchObject({ code: 'install_failed', line: 1 });
    expect((await ask(url, {})).body).toBe(1);
  });
});
