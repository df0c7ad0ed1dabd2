/**
 * Workers that die before they are ready, wherever they stand by then: each death is counted, the next start waits
 * longer, after five the API is unready and says why, and it serves again as soon as the handler works again.
 */
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pauseMs } from '../../runtime/gateway/worker/crashes';
import { gate, until } from '../runtime/gate';
import { type Serving, serve } from '../runtime/serve';
import { handler } from '../runtime/worker/handlers';

/** Breaks where MODE's file says, if there is one. */
const HANDLER = `
import os, signal

def mode() -> str:
    try:
        with open(os.environ["MODE"]) as file:
            return file.read()
    except FileNotFoundError:
        return ""

if mode() == "exits while loading":
    os._exit(5)
if mode() == "is killed while loading":
    os.kill(os.getpid(), signal.SIGKILL)
if mode() == "raises while loading":
    raise OSError("the weights are gone")

print(f"worker {os.getpid()}")

def predict(die: bool = False) -> str:
    if die or mode() == "exits in a sample":
        os._exit(6)
    if mode() == "raises in a sample":
        raise OSError("the cache is gone")
    return "fine"
`;

const model = () => handler(HANDLER, { 'samples/one.json': '{"input": {"die": false}}' });

const readiness = async (api: Serving) => (await api.manage('/readyz')).json;

/** Between two deaths in a row there is at least the pause that their number asks for. */
function expectBackOff(api: Serving): void {
  const lost = api.events('worker_lost');
  expect(lost.map(({ crashes }) => crashes)).toEqual(lost.map((_, index) => index + 1));
  const times = lost.map(({ time }) => Date.parse(time as string));
  for (const [index, time] of times.entries())
    if (index > 0) expect(time - (times[index - 1] as number)).toBeGreaterThanOrEqual(pauseMs(index) - 5);
}

test.each([
  ['exits while loading', /exited with code 5/],
  ['is killed while loading', /was killed by SIGKILL/],
  ['raises while loading', /exited with code 1/],
  ['exits in a sample', /exited with code 6/],
  ['raises in a sample', /could not answer a sample/],
])('a successor that %s, again and again: unready with the reason, and well again', async (how, told) => {
  const { file: mode } = gate();
  const api = await serve({ handler: model(), env: { MODE: mode } });
  writeFileSync(mode, how);
  expect((await api.post({ die: true })).json.code).toBe('worker_died');
  await until(async () => (await readiness(api)).reason === 'crash_loop');
  expect((await readiness(api)).detail).toMatch(told);
  expect((await api.post({})).json).toMatchObject({ code: 'not_ready', retryable: true });
  expect(await api.manage('/healthz')).toMatchObject({ status: 200 });
  expectBackOff(api);
  rmSync(mode);
  await until(async () => (await api.post({})).status === 200);
  expect(await readiness(api)).toMatchObject({ status: 'ready' });
});

/** A Python that is one, as long as it lies there and `broken` does not. */
function python(): { readonly path: string; readonly broken: string } {
  const folder = handler('');
  const [path, broken] = [join(folder, 'python'), join(folder, 'broken')];
  writeFileSync(path, `#!/bin/sh\n[ -e ${broken} ] && { echo "no such module" >&2; exit 5; }\nexec python3 "$@"\n`);
  chmodSync(path, 0o755);
  return { path, broken };
}

test('a Python that exits at once: as many attempts as there are, its last words, and the gateway ends', async () => {
  const { path, broken } = python();
  writeFileSync(broken, '');
  const env = { MODEL_API_PYTHON: path };
  const api = await serve({ handler: 'echo', env, overlay: { loadAttempts: 2 }, until: 'exit' });
  expect(await api.exit).toBe(3);
  const failures = api.events('load_failed').map(({ error }) => error);
  expect(failures).toHaveLength(2);
  expect(failures[0]).toMatchObject({
    message: 'The worker exited with code 5 before the handler was loaded.',
    traceback: 'no such module',
  });
});

test.each([
  ['exits at once', /exited with code 5/, ({ broken }: ReturnType<typeof python>) => writeFileSync(broken, '')],
  [
    'has gone',
    /could not be started: there is no /,
    ({ path }: ReturnType<typeof python>) => renameSync(path, `${path}3`),
  ],
])(
  'a Python that %s once the first worker dies: the successors are counted, and replaced',
  async (_, told, breakIt) => {
    const interpreter = python();
    const { file: mode } = gate();
    const api = await serve({ handler: model(), env: { MODE: mode, MODEL_API_PYTHON: interpreter.path } });
    breakIt(interpreter);
    expect((await api.post({ die: true })).json.code).toBe('worker_died');
    await until(async () => (await readiness(api)).reason === 'crash_loop');
    expect((await readiness(api)).detail).toMatch(told);
    expectBackOff(api);
    rmSync(interpreter.broken, { force: true });
    writeFileSync(interpreter.path, '#!/bin/sh\nexec python3 "$@"\n', { mode: 0o755 });
    await until(async () => (await api.post({})).status === 200);
  },
);
