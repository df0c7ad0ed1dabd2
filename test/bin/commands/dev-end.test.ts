import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Dev, Home, modelDirectory, temporaryFolder } from '../command';

const nothing = { files: [], processes: [] };
const left = (home: Home) => ({ files: home.leftovers(), processes: home.processes() });

/** A handler that says when a call has begun and holds it until it may go. */
function holdingHandler(folder: string): string {
  const [begun, go] = ['begun', 'go'].map((name) => JSON.stringify(join(folder, name)));
  return `import os, time
def predict() -> str:
    open(${begun}, "w").close()
    while not os.path.exists(${go}):
        time.sleep(0.01)
    return "held"
`;
}

async function whileCalling(): Promise<{ dev: Dev; home: Home; folder: string; answer: ReturnType<typeof ask> }> {
  const home = new Home();
  const folder = temporaryFolder();
  const dev = new Dev([modelDirectory({ 'predict.py': holdingHandler(folder) }), '--json'], { env: home.env });
  const answer = ask((await dev.event('ready')).url, {});
  answer.catch(() => {});
  await expect.poll(() => existsSync(join(folder, 'begun')), { timeout: 10_000 }).toBe(true);
  return { dev, home, folder, answer };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends it with 0 and leaves nothing behind', async (signal) => {
  const home = new Home();
  const dev = new Dev([modelDirectory({ 'predict.py': 'def predict(): return 1\n' }), '--json'], { env: home.env });
  await dev.event('ready');
  expect(home.processes()).not.toEqual([]);
  expect(await dev.signal(signal)).toBe(0);
  expect(left(home)).toEqual(nothing);
});

test('Ctrl-C lets the running request finish', async () => {
  const { dev, home, folder, answer } = await whileCalling();
  const ended = dev.signal('SIGINT');
  writeFileSync(join(folder, 'go'), '');
  expect(await answer).toEqual({ status: 200, body: 'held' });
  expect(await ended).toBe(0);
  expect(left(home)).toEqual(nothing);
});

test('a second Ctrl-C does not wait for it, and the first one has told for how long it would', async () => {
  const { dev, home, answer } = await whileCalling();
  void dev.signal('SIGINT');
  await dev.says('Waiting for 1 request to be answered, 55 s at most. Ctrl-C again stops at once.');
  expect(await dev.signal('SIGINT')).toBe(130);
  await expect(answer).rejects.toThrow();
  expect(left(home)).toEqual(nothing);
});

test('Ctrl-C while the handler loads ends with 130 and leaves nothing behind', async () => {
  const home = new Home();
  const model = modelDirectory({ 'predict.py': 'import time\nprint("loading now", flush=True)\ntime.sleep(600)\n' });
  const dev = new Dev([model, '--json'], { env: home.env });
  await dev.event('output');
  expect(await dev.signal('SIGINT')).toBe(130);
  expect(left(home)).toEqual(nothing);
});

test('when the command itself is killed, gateway and workers end with it', async () => {
  const home = new Home();
  const dev = new Dev([modelDirectory({ 'predict.py': 'def predict(): return 1\n' }), '--json'], { env: home.env });
  await dev.event('ready');
  await dev.signal('SIGKILL');
  await expect.poll(() => home.processes(), { timeout: 10_000 }).toEqual([]);
});
