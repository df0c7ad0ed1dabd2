/**
 * The truth table of readiness: in each state, whether a load balancer should send requests here, what a person who asks
 * is told, and that the process counts as alive all the while.
 */
import { expect, test } from 'vitest';
import { gate, queued, until, workerOf } from '../runtime/gate';
import { type Reply, type Serving, serve } from '../runtime/serve';

const SINCE = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** What every answer that says no has in common. */
function expectProblem({ status, headers, json }: Reply): void {
  expect(status).toBe(503);
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(headers.get('retry-after')).toBe('2');
  expect(json).toMatchObject({ code: 'not_ready', retryable: true, since: expect.stringMatching(SINCE) });
  expect(Math.abs(Date.now() - Date.parse(json.since))).toBeLessThan(60_000);
  expect(json.detail).toContain(json.since);
}

async function readyz(api: Serving): Promise<Reply> {
  expect(await api.manage('/healthz')).toMatchObject({ status: 200, json: { status: 'alive' } });
  return api.manage('/readyz');
}

/** The first answer with this reason. */
async function unready(api: Serving, reason: string): Promise<Reply> {
  let reply = await readyz(api);
  await until(async () => {
    reply = await readyz(api);
    return reply.json.reason === reason;
  });
  return reply;
}

test('while it loads: no', async () => {
  const api = await serve({ handler: 'never_loads', until: 'listening' });
  const reply = await readyz(api);
  expectProblem(reply);
  expect(reply.json).toMatchObject({ reason: 'loading' });
  expect(reply.json.detail).toMatch(
    /^The handler is loading\. It has been so since .* Nothing needs to be done unless/,
  );
  expect(reply.json).not.toHaveProperty('last_error');
});

test('a load that raises: no, with the type and the place of the last error, and without what it said', async () => {
  const api = await serve({ handler: 'fails_to_load', overlay: { loadAttempts: 20 }, until: 'listening' });
  await api.line('load_failed');
  const reply = await readyz(api);
  expectProblem(reply);
  expect(reply.json).toMatchObject({
    reason: 'loading',
    last_error: { type: 'RuntimeError', file: expect.stringMatching(/predict\.py$/), line: 3 },
  });
  expect(reply.json.detail).toMatch(/The last attempt failed with RuntimeError at .*predict\.py:3; the log has/);
  expect(reply.text).not.toContain('the weights are missing');
});

test('loaded: yes', async () => {
  const api = await serve({ handler: 'echo' });
  expect(await readyz(api)).toMatchObject({ status: 200, json: { status: 'ready' } });
});

test('overloaded, with a full queue: yes', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held', overlay: { queueRequests: 1 } });
  const replies = [api.post({ name: 'a', until: file })];
  await api.output('began a');
  replies.push(api.post({ name: 'b' }));
  await queued(api, 1);
  expect((await api.post({ name: 'c' })).json.code).toBe('overloaded');
  expect(await readyz(api)).toMatchObject({ status: 200 });
  open();
  await Promise.all(replies);
});

test('a worker that is stopped: yes, until a request that hangs in it has proved so; no; then yes with another', async () => {
  const api = await serve({ handler: 'held', overlay: { requestTimeoutMs: 300 } });
  const stopped = workerOf(api);
  process.kill(stopped, 'SIGSTOP');
  expect(await readyz(api)).toMatchObject({ status: 200 });
  const hung = api.post({ name: 'a' });
  expect(await readyz(api)).toMatchObject({ status: 200 });
  expect(await hung).toMatchObject({ status: 504 });
  await api.line('worker_lost');
  await until(async () => (await readyz(api)).status === 200);
  expect(workerOf(api)).not.toBe(stopped);
  expect((await api.post({ name: 'b' })).json).toBe('b');
});

test('the only worker is lost and another loads: no, since it was lost', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'gated_load', env: { GATE: file }, until: 'listening' });
  open();
  await api.line('loaded');
  const [, pid] = /^worker (\d+)$/.exec((await api.line(({ msg }) => msg.startsWith('worker '))).msg) ?? [];
  const lostAfter = Date.now();
  const closed = gate();
  expect((await api.post({ until: closed.file })).status).toBe(200);
  process.kill(Number(pid), 'SIGKILL');
  const reply = await unready(api, 'replacing');
  expectProblem(reply);
  expect(Date.parse(reply.json.since)).toBeGreaterThanOrEqual(lostAfter);
  expect(reply.json.detail).toMatch(/^A new worker is loading the handler\. .* \(event worker_lost\)\.$/);
  closed.open();
  await until(async () => (await readyz(api)).status === 200);
});

test('a crash loop: no, with how the last worker died, and what to do', async () => {
  const api = await serve({ handler: 'dies_idle', until: 'listening' });
  const reply = await unready(api, 'crash_loop');
  expectProblem(reply);
  expect(reply.json.detail).toMatch(
    /^Workers die again and again: the last exited with code 9\. .* events worker_lost and output, then .* roll back\.$/,
  );
});

test('draining: no, while what comes is still answered', async () => {
  const api = await serve({ handler: 'echo', overlay: { serveOnMs: 60_000 } });
  api.signal('SIGTERM');
  await api.line('draining');
  const reply = await readyz(api);
  expectProblem(reply);
  expect(reply.json).toMatchObject({ reason: 'draining' });
  expect(reply.json.detail).toMatch(/^The server is draining since .* Send new requests to another replica\.$/);
  expect((await api.post({ value: 1 })).status).toBe(200);
  api.signal('SIGTERM');
  expect(await api.exit).toBe(0);
});
