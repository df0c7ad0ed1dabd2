/**
 * SIGTERM in every state. The driver does what a load balancer does: it keeps its connections, opens none once readiness
 * says 503, and has no request fail.
 */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { ServingManifest, ServingOverlay } from '../../runtime/contract/manifest';
import { gate, isAlive, queued, until, workerOf } from '../runtime/gate';
import { type Serving, serve } from '../runtime/serve';
import { fixture, handler } from '../runtime/worker/handlers';

const WORK = `
import os, time

print(f"worker {os.getpid()}")

def predict(n: int = 0) -> int:
    time.sleep(0.002)
    return n
`;
const BATCH = `
import os

print(f"worker {os.getpid()}")

def predict_batch(n: list[int]) -> list[int]:
    return n
`;
const STREAM = `
import os, time

print(f"worker {os.getpid()}")

def predict(n: int = 0):
    for _ in range(5):
        time.sleep(0.002)
        yield n
`;

const SERVE_ON_MS = 300;

/** Sends until readiness has said no and `every` connection is done with; tells how each request ended. */
class Driver {
  readonly outcomes: string[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #api: Serving;
  #isOver = false;
  readonly #clients: Promise<void>[];
  readonly #watcher: Promise<void>;

  constructor(api: Serving) {
    this.#api = api;
    onTestFinished(() => this.#agent.destroy());
    this.#watcher = this.#watch();
    this.#clients = Array.from({ length: 8 }, (_, client) => this.#client(client));
  }

  async end(): Promise<void> {
    await Promise.all([...this.#clients, this.#watcher]);
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      this.#isOver = await this.#api.manage('/readyz').then(
        ({ status }) => status !== 200,
        () => true,
      );
      await sleep(5);
    }
  }

  async #client(client: number): Promise<void> {
    for (let sent = 0; !this.#isOver; sent += 1) this.outcomes.push(await this.#send(1_000 * client + sent));
  }

  #send(n: number): Promise<string> {
    return new Promise((resolve) => {
      const sending = request(`${this.#api.url}/predict`, {
        method: 'POST',
        agent: this.#agent,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
      });
      sending.on('response', async (response) => {
        const body = await text(response).catch((error: Error) => error.message);
        const isRight = body === String(n) || body === JSON.stringify(Array(5).fill(n));
        resolve(response.statusCode === 200 && isRight ? 'right' : `${response.statusCode} ${body}`);
      });
      sending.on('error', (error) => resolve(error.message));
      sending.end(JSON.stringify({ n }));
    });
  }
}

test.each<[string, string, ServingOverlay, Partial<ServingManifest>]>([
  ['requests', WORK, {}, {}],
  ['requests in two workers', WORK, { workers: 2 }, {}],
  ['requests while workers are recycled', WORK, { recycleRequests: 50 }, {}],
  ['batches', BATCH, {}, {}],
  ['streams', STREAM, {}, { concurrency: 8 }],
])('SIGTERM under a load of %s, twice: none fails', async (_what, code, overlay, manifest) => {
  for (let round = 0; round < 2; round += 1) {
    const api = await serve({
      handler: handler(code),
      overlay: { serveOnMs: SERVE_ON_MS, managementPort: 0, ...overlay },
      manifest,
    });
    const driver = new Driver(api);
    await until(() => driver.outcomes.length > 60);
    api.signal('SIGTERM');
    await driver.end();
    expect(new Set(driver.outcomes)).toEqual(new Set(['right']));
    expect(await api.exit).toBe(0);
  }
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s twice under load: the serving on ends, and what came is answered',
  async (signal) => {
    const { file, open } = gate();
    const api = await serve({ handler: 'held', overlay: { serveOnMs: 3_600_000 } });
    const replies = [api.post({ name: 'a', until: file }), api.post({ name: 'b' })];
    await api.output('began a');
    await queued(api, 1);
    api.signal(signal);
    // Two signals at once may arrive as one.
    await api.line('draining');
    api.signal(signal);
    await until(() =>
      api.request('/healthz').then(
        () => false,
        () => true,
      ),
    );
    api.signal(signal);
    open();
    expect((await Promise.all(replies)).map(({ json }) => json)).toEqual(['a', 'b']);
    expect(await api.exit).toBe(0);
  },
);

test('SIGTERM while samples are answered ends the gateway at once, and the worker with it', async () => {
  const warms = `
import os, time

print(f"worker {os.getpid()}")

def predict() -> int:
    print("warming")
    time.sleep(600)
    return 1
`;
  const folder = handler(warms, { 'samples/one.json': '{"input": {}}' });
  const api = await serve({ handler: folder, until: 'listening' });
  await api.output('warming');
  api.signal('SIGTERM');
  expect(await api.exit).toBe(0);
  expect(isAlive(workerOf(api))).toBe(false);
});

test('SIGTERM while a successor loads: what waits for it is answered', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: fixture('gated_load'), env: { GATE: file }, until: 'listening' });
  open();
  await api.line('loaded');
  const closed = gate();
  expect((await api.post({ until: closed.file })).status).toBe(200);
  process.kill(workerOf(api), 'SIGKILL');
  await api.line('worker_lost');
  const waiting = api.post({ until: closed.file });
  await until(async () => (await api.manage('/metrics')).text.includes('\nmodel_api_queued 1\n'));
  api.signal('SIGTERM');
  await api.line('draining');
  closed.open();
  expect((await waiting).status).toBe(200);
  expect(await api.exit).toBe(0);
});

test('SIGTERM with a worker that is stopped: the drain ends all the same', async () => {
  const api = await serve({ handler: 'held', overlay: { requestTimeoutMs: 300 } });
  const stopped = workerOf(api);
  process.kill(stopped, 'SIGSTOP');
  api.signal('SIGTERM');
  expect(await api.exit).toBe(0);
  expect(isAlive(stopped)).toBe(false);
});
