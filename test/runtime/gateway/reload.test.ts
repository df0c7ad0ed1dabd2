/** SIGHUP: the old worker serves until the new one has loaded, and goes on serving when it cannot. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gate, isAlive, until } from '../gate';
import { type Serving, serve } from '../serve';
import { handler } from '../worker/handlers';

const answers = (what: string, parameters = '') => `import os
def predict(${parameters}) -> str:
    return ${what}
`;

function rewrite(folder: string, predict: string): void {
  writeFileSync(join(folder, 'predict.py'), predict);
}

async function reload(api: Serving): Promise<void> {
  api.signal('SIGHUP');
  await api.line('reloaded');
}

test('a reload serves the new handler, and the old worker goes', async () => {
  const folder = handler(answers('str(os.getpid())'));
  const api = await serve({ handler: folder });
  const old = Number((await api.post({})).json);
  rewrite(folder, answers('"new"'));
  await reload(api);
  expect((await api.post({})).json).toBe('new');
  await until(() => !isAlive(old));
  expect(api.events('worker_lost')).toEqual([]);
});

test('a reload brings the new schema and the new samples', async () => {
  const folder = handler(answers('"old"'), { 'samples/one.json': '{"input": {}}' });
  const api = await serve({ handler: folder });
  expect(await api.post({ word: 'a' })).toMatchObject({ status: 422 });
  rewrite(folder, answers('word', 'word: str'));
  writeFileSync(join(folder, 'samples/one.json'), '{"input": {"word": "hello"}}');
  await reload(api);
  expect((await api.post({ word: 'a' })).json).toBe('a');
  expect((await api.request('/openapi.json')).text).toContain('"one":{"value":{"word":"hello"}}');
});

test('a reload that fails is told, and the old handler goes on', async () => {
  const folder = handler(answers('"old"'));
  const api = await serve({ handler: folder });
  rewrite(folder, 'def predict(:\n');
  api.signal('SIGHUP');
  expect((await api.line('reload_failed')).error).toMatchObject({ kind: 'load', type: 'SyntaxError', line: 1 });
  expect((await api.post({})).json).toBe('old');
  expect(await api.manage('/readyz')).toMatchObject({ status: 200 });
});

test('what the old worker runs is finished by it', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held' });
  const running = api.post({ name: 'a', until: file });
  await api.output('began a');
  await reload(api);
  expect((await api.post({ name: 'b' })).json).toBe('b');
  open();
  expect((await running).json).toBe('a');
});

test('of two reloads in a row the newer one wins', async () => {
  const folder = handler(answers('"first"'));
  const api = await serve({ handler: folder });
  rewrite(folder, 'import time\nprint("hanging")\ntime.sleep(600)\n');
  api.signal('SIGHUP');
  await api.output('hanging');
  rewrite(folder, answers('"third"'));
  await reload(api);
  expect((await api.post({})).json).toBe('third');
  expect(api.events('reload_failed')).toEqual([]);
});
