/** What nobody takes: a worker that does not read, a caller that does not read. Bounds hold, and memory stays. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { queued, until, workerOf } from '../runtime/gate';
import { type Reply, type Serving, serve } from '../runtime/serve';
import { handler } from '../runtime/worker/handlers';

const MIB = 1024 * 1024;

/** Resident, in bytes. */
function memoryOf(api: Serving): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${api.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

const ECHO = `
import os

print(f"worker {os.getpid()}")

def predict(text: str = "") -> int:
    return len(text)
`;

const kinds: [string, string][] = [
  ['sync handler', ECHO],
  ['async handler, which takes a hundred at a time', ECHO.replace('def predict', 'async def predict')],
  [
    'batches',
    ECHO.replace('def predict(text: str = "") -> int:', 'def predict_batch(texts: list[str]) -> list[int]:').replace(
      'len(text)',
      '[len(text) for text in texts]',
    ),
  ],
];

test.each(kinds)('%s: a worker that reads nothing bounds the queue by count', async (_what, code) => {
  const api = await serve({ handler: handler(code), overlay: { queueRequests: 10 } });
  for (let warm = 0; warm < 100; warm += 1) await api.post(input(''));
  process.kill(workerOf(api), 'SIGSTOP');
  // More than the queue and all that may lie in the socket.
  const replies: Promise<Reply>[] = [];
  while (!(await isFull(api))) replies.push(api.post(input('x')));
  const began = performance.now();
  const refused = await api.post(input('x'));
  expect(refused).toMatchObject({ status: 503, json: { code: 'overloaded', retryable: true } });
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(replies.length).toBeLessThanOrEqual(10 + 100);
  expect((await api.manage('/metrics')).text).toContain('\nmodel_api_queued 10\n');
  process.kill(workerOf(api), 'SIGCONT');
  expect((await Promise.all(replies)).map(({ status }) => status)).toEqual(replies.map(() => 200));

  function input(text: string): object {
    return code.includes('texts') ? { texts: text } : { text };
  }
});

async function isFull(api: Serving): Promise<boolean> {
  return (await api.manage('/metrics')).text.includes('\nmodel_api_queued 10\n');
}

test('a worker that reads nothing bounds what waits by bytes, and the gateway’s memory with it', async () => {
  const overlay = { queueBytes: 16 * MIB, queueRequests: 10_000 };
  const api = await serve({ handler: handler(ECHO.replace('def', 'async def')), overlay });
  const big = JSON.stringify({ text: 'x'.repeat(MIB) });
  const post = () => api.postRaw(big, { 'content-type': 'application/json' });
  await post();
  process.kill(workerOf(api), 'SIGSTOP');
  const before = memoryOf(api);
  let shed = 0;
  const waiting: Promise<Reply>[] = [];
  for (let sent = 0; sent < 200; sent += 1) {
    const reply = post();
    // One that waits answers nothing until the worker goes on; one that is refused answers at once.
    waiting.push(reply);
    void reply.then(({ status }) => {
      if (status === 503) shed += 1;
    });
    if (sent % 10 === 9) await queuedOrShed(api, sent + 1, () => shed);
  }
  expect(shed).toBeGreaterThan(150);
  // 16 MiB wait, a few lie in the socket; the rest is what bodies that came and were refused leave to be collected.
  expect(memoryOf(api) - before).toBeLessThan(150 * MIB);
  process.kill(workerOf(api), 'SIGCONT');
  const statuses = (await Promise.all(waiting)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(200 - shed);
});

/** All that were sent have come to wait, to run or to be refused. */
const queuedOrShed = (api: Serving, sent: number, shed: () => number) =>
  until(async () => {
    const { text } = await api.manage('/metrics');
    const count = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    return count('model_api_queued') + count('model_api_running') + shed() >= sent;
  });

const STREAM = `
import os

print(f"worker {os.getpid()}")
count = 0

def predict(items: int = 0):
    global count
    for _ in range(items):
        count += 1
        yield "x" * 10_000
    if not items:
        yield count
`;

/** Asks for a stream and reads nothing of it. */
function openStream(api: Serving, input: object = { items: 50_000 }): Socket {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1').pause();
  onTestFinished(() => {
    socket.destroy();
  });
  const body = JSON.stringify(input);
  const head =
    'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAccept: application/x-ndjson\r\n';
  socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
  return socket;
}

test('callers who do not read their streams hold the generators back, and the gateway’s memory stays', async () => {
  const api = await serve({ handler: handler(STREAM), manifest: { concurrency: 9 } });
  const before = memoryOf(api);
  const sockets = Array.from({ length: 8 }, () => openStream(api));
  let [last, count] = [-1, await made(api)];
  while (count !== last) [last, count] = [count, await made(api)];
  // Of 4 GB that the eight would yield.
  expect(count * 10_000).toBeLessThan(200 * MIB);
  expect(memoryOf(api) - before).toBeLessThan(100 * MIB);
  for (const socket of sockets) socket.destroy();
  await until(async () => (await api.manage('/metrics')).text.includes('\nmodel_api_running 0\n'));
  await queued(api, 0);
});

const LARGE = `
def predict(sizes: list[int]):
    for size in sizes:
        yield b"x" * size
`;

test('of large items that nobody reads, the gateway holds one of each stream', async () => {
  const api = await serve({ handler: handler(LARGE), manifest: { concurrency: 3 } });
  const before = memoryOf(api);
  const sockets = [1, 2, 3].map(() => openStream(api, { sizes: Array(20).fill(10 * MIB) }));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('readable', resolve))));
  let [last, memory] = [-1, before];
  while (memory - last > MIB) {
    last = memory;
    await new Promise((resolve) => setTimeout(resolve, 300));
    memory = memoryOf(api);
  }
  // Two copies of each: what was read, and the frame that was made of it.
  expect(memory - before).toBeLessThan(110 * MIB);
});

test('a stream of small and large items in any order reaches its end', async () => {
  const api = await serve({ handler: handler(LARGE) });
  const sizes = Array.from({ length: 60 }, (_, n) => [1, 3 * MIB, 900_000, 1, 20_000, MIB - 1][n % 6] as number);
  const { status, text } = await api.post({ sizes });
  expect([status, text.length]).toEqual([200, sizes.reduce((sum, size) => sum + size, 0)]);
});

/** How many items have been yielded in all, a moment later. */
async function made(api: Serving): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  return Number((await api.post({}, { accept: 'application/x-ndjson' })).text);
}

test('a handler that prints faster than anybody reads stops no answer and grows no memory', async () => {
  const prints =
    'def predict(lines: int) -> int:\n    for _ in range(lines):\n        print("x" * 1_000)\n    return lines\n';
  const api = await serve({ handler: handler(prints) });
  await api.post({ lines: 1_000 });
  const before = memoryOf(api);
  api.gateway.stdout?.pause();
  expect(await api.post({ lines: 50_000 })).toMatchObject({ status: 200 });
  expect(memoryOf(api) - before).toBeLessThan(100 * MIB);
  api.gateway.stdout?.resume();
  await api.line('dropped');
});
