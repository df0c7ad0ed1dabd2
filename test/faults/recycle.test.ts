/** Workers that are replaced because they have served long enough: nobody who asks can tell. */
import { expect, test } from 'vitest';
import type { ServingManifest, ServingOverlay } from '../../runtime/contract/manifest';
import { gate, isAlive, until } from '../runtime/gate';
import { type Serving, serve } from '../runtime/serve';
import { handler } from '../runtime/worker/handlers';

const HANDLER = `
import os, time

if "BROKEN" in os.environ and os.path.exists(os.environ["BROKEN"]):
    raise OSError("the weights are gone")
print(f"worker {os.getpid()}")
leak = []

def predict(bytes: int = 0) -> int:
    leak.append(b"x" * bytes)
    return os.getpid()
`;

const ASYNC = HANDLER.replace('def predict', 'async def predict');

const pids = (api: Serving) => api.logs.flatMap(({ msg }) => /^worker (\d+)$/.exec(msg)?.[1] ?? []).map(Number);

/** So many callers, one request after the other each; readiness is asked all the while. */
async function load(api: Serving, callers: number, requests: number, input: object = {}): Promise<void> {
  let isOver = false;
  const watching = (async () => {
    while (!isOver) expect((await api.manage('/readyz')).status).toBe(200);
  })();
  const calling = Array.from({ length: callers }, async () => {
    for (let sent = 0; sent < requests / callers; sent += 1)
      expect(await api.post(input)).toMatchObject({ status: 200, json: expect.any(Number) });
  });
  await Promise.all(calling).finally(() => {
    isOver = true;
  });
  await watching;
}

test.each<[string, string, ServingOverlay, Partial<ServingManifest>]>([
  ['one worker', HANDLER, {}, {}],
  ['two workers', HANDLER, { workers: 2 }, {}],
  ['an async handler', ASYNC, {}, {}],
])('after so many requests, of %s: none fails, it is ready throughout, and the old ones go', async (...row) => {
  const [, code, overlay, manifest] = row;
  const api = await serve({ handler: handler(code), overlay: { recycleRequests: 100, ...overlay }, manifest });
  await load(api, 8, 1_000);
  expect(api.events('worker_recycled').length).toBeGreaterThan(2);
  // Whoever replaces another one is ready before that one is asked to stop.
  const order = api.logs
    .filter(({ event }) => event === 'loaded' || event === 'worker_recycled')
    .map(({ event }) => event);
  expect(order.slice(0, 2)).toEqual(['loaded', 'worker_recycled']);
  await until(() => pids(api).filter(isAlive).length <= pids(api).length / 2);
  expect(api.events('worker_lost')).toEqual([]);
});

test('above so many bytes', async () => {
  const api = await serve({ handler: handler(HANDLER), overlay: { recycleBytes: 120_000_000 } });
  // As many as it takes: the old one serves on, and leaks, until its successor is ready.
  while (api.events('worker_recycled').length < 2) await load(api, 4, 40, { bytes: 2_000_000 });
  expect(api.events('worker_lost')).toEqual([]);
});

test('when its successor cannot load, the old one serves on, and not every request tries anew', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: handler(HANDLER), env: { BROKEN: file }, overlay: { recycleRequests: 10 } });
  open();
  const [old] = pids(api);
  const ask = async () => expect(await api.post({})).toMatchObject({ status: 200, json: old });
  while (api.events('worker_lost').length === 0) await ask();
  for (let more = 0; more < 300; more += 1) await ask();
  expect(api.events('worker_recycled')).toHaveLength(1);
  expect(api.events('load_failed')).toHaveLength(1);
});
