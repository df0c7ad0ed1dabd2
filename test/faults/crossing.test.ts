/** Two things at once: a fault that crosses another one, or what is already under way. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { gate, until } from '../runtime/gate';
import { type Serving, serve } from '../runtime/serve';
import { handler } from '../runtime/worker/handlers';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function sample(api: Serving, name: string): Promise<number> {
  const { text } = await api.manage('/metrics');
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  );
}

const pids = (api: Serving) => api.logs.flatMap(({ msg }) => /^worker (\d+)$/.exec(msg)?.[1] ?? []).map(Number);

test('a successor for which the system has no room is a death, and no end of the gateway', async () => {
  const temporary = join(scratch(), 'tmp');
  mkdirSync(temporary);
  const api = await serve({ handler: 'dies', env: { TMPDIR: temporary } });
  rmSync(temporary, { recursive: true });
  await api.post({ how: 'SIGKILL' });
  await api.line(({ event, msg }) => event === 'worker_lost' && /could not be started: ENOENT/.test(msg));
  mkdirSync(temporary);
  expect(await api.post({})).toMatchObject({ status: 200 });
});

test('a worker that dies while its neighbour is recycled is replaced as well', async () => {
  const slow = join(scratch(), 'slow');
  const code = `
import os, time
if os.path.exists(${JSON.stringify(slow)}): time.sleep(1)
print(f"worker {os.getpid()}")
def predict() -> int:
    return os.getpid()
`;
  const api = await serve({ handler: handler(code), overlay: { workers: 2, recycleRequests: 30 } });
  writeFileSync(slow, '');
  const served = new Map<number, number>();
  while (api.events('worker_recycled').length === 0) {
    const replies = await Promise.all([api.post({}), api.post({})]);
    for (const { json } of replies) served.set(json, (served.get(json) ?? 0) + 1);
  }
  const [recycled] = [...served].sort(([, one], [, other]) => other - one)[0] as [number, number];
  rmSync(slow);
  process.kill(pids(api).find((pid) => pid !== recycled) as number, 'SIGKILL');
  await api.line('worker_lost');
  await until(async () => pids(api).length >= 4 && (await sample(api, 'model_api_ready_workers')) === 2);
});

test('one caller’s deadline does not end the batch that others still wait for', async () => {
  const api = await serve({ handler: 'rows', overlay: { requestTimeoutMs: 3_000 } });
  const [first, second] = [gate(), gate()];
  const before = api.post({ value: 0, how: 'hold', until: first.file });
  await api.output('batch of 1');
  const early = api.post({ value: 1, how: 'hold', until: second.file });
  // Late enough that the others are still waited for when the early one's grace is over.
  await new Promise((resolve) => setTimeout(resolve, 2_600));
  const late = [api.post({ value: 2 }), api.post({ value: 3 })];
  await until(async () => (await sample(api, 'model_api_queued')) === 3);
  first.open();
  expect((await early).status).toBe(504);
  // The early one's own time and grace end here; a kill would come before the gate opens.
  await new Promise((resolve) => setTimeout(resolve, 2_200));
  second.open();
  await before;
  for (const reply of await Promise.all(late)) expect(reply.status).toBe(200);
  expect(api.events('worker_lost')).toEqual([]);
});

test('what was cancelled before its turn does not shorten the times of others', async () => {
  const api = await serve({ handler: 'slow' });
  for (let sent = 0; sent < 50; sent += 1) await api.post({ seconds: 0 });
  const held = api.post({ seconds: 1, stubborn: true });
  await api.output('began 1.0');
  const hurried = Array.from({ length: 10 }, () => api.post({ seconds: 0 }, { 'x-model-api-timeout-ms': '100' }));
  for (const { status } of await Promise.all(hurried)) expect([503, 504]).toContain(status);
  await held;
  await until(async () => (await sample(api, 'model_api_running')) === 0);
  expect(await sample(api, 'model_api_predict_duration_seconds_sum')).toBeGreaterThan(0.9);
  expect(await sample(api, 'model_api_queue_duration_seconds_sum')).toBeLessThan(2);
});

test('a worker that cannot load is tried with growing pauses, though its neighbour answers', async () => {
  const broken = join(scratch(), 'broken');
  const code = `
import os
if os.path.exists(${JSON.stringify(broken)}): os._exit(7)
print(f"worker {os.getpid()}")
def predict() -> int:
    return os.getpid()
`;
  const api = await serve({ handler: handler(code), overlay: { workers: 2 } });
  writeFileSync(broken, '');
  process.kill(pids(api)[0] as number, 'SIGKILL');
  await until(async () => {
    expect((await api.post({})).status).toBe(200);
    return api.events('worker_lost').length >= 4;
  });
  expect(
    api
      .events('worker_lost')
      .map(({ crashes }) => crashes)
      .slice(0, 4),
  ).toEqual([1, 2, 3, 4]);
});

test('a ragged list of lists is the handler’s, and costs no memory', async () => {
  const api = await serve({ handler: handler('def predict(rows: list[list[float]]) -> int:\n    return len(rows)\n') });
  const rows = [Array.from({ length: 50_000 }, () => 1), ...Array.from({ length: 50_000 }, () => [1])];
  expect(await api.post({ rows })).toMatchObject({ status: 200, json: 50_001 });
});
