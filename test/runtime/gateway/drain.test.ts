/** Signals: nothing accepted is lost, and nothing is left. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { gate, isAlive, queued, until, workerOf } from '../gate';
import { type Serving, serve } from '../serve';

test('SIGTERM lets what runs and what waits finish, and exits with 0', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held' });
  const replies = [api.post({ name: 'a', until: file })];
  await api.output('began a');
  replies.push(api.post({ name: 'b' }));
  await queued(api, 1);
  api.signal('SIGTERM');
  await until(() => isRefused(api));
  open();
  const finished = await Promise.all(replies);
  expect(finished.map(({ json }) => json)).toEqual(['a', 'b']);
  expect(finished.at(-1)?.headers.get('connection')).toBe('close');
  expect(await api.exit).toBe(0);
  expect(api.logs.at(-1)).toMatchObject({ event: 'stopped' });
});

test('after SIGTERM it serves on, unready', async () => {
  const api = await serve({ handler: 'echo', overlay: { serveOnMs: 60_000, managementPort: 0 } });
  api.signal('SIGTERM');
  await api.line('draining');
  expect(await api.manage('/readyz')).toMatchObject({ status: 503, json: { reason: 'draining' } });
  expect(await api.manage('/healthz')).toMatchObject({ status: 200 });
  expect((await api.post({ value: 1 })).status).toBe(200);
  api.signal('SIGTERM');
  expect(await api.exit).toBe(0);
});

test('SIGINT does not serve on', async () => {
  const api = await serve({ handler: 'echo', overlay: { serveOnMs: 60_000 } });
  api.signal('SIGINT');
  expect(await api.exit).toBe(0);
});

test('a drain answers every request that a client had sent ahead on one connection', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held' });
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  const all = text(socket);
  for (const body of [{ name: 'a', until: file }, { name: 'b' }, { name: 'c' }])
    socket.write(post(JSON.stringify(body)));
  await api.output('began a');
  await queued(api, 2);
  api.signal('SIGTERM');
  await until(() => isRefused(api));
  open();
  expect((await all).match(/"[abc]"/g)).toEqual(['"a"', '"b"', '"c"']);
  expect(await api.exit).toBe(0);
});

const post = (body: string) =>
  `POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

test('under load a drain loses no request that a connection carried', async () => {
  const api = await serve({ handler: 'echo', overlay: { serveOnMs: 300 } });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const statuses: (number | string)[] = [];
  const clients = Array.from({ length: 8 }, () => client(api, agent, statuses));
  await until(() => statuses.length > 50);
  api.signal('SIGTERM');
  await Promise.all(clients);
  agent.destroy();
  expect(await api.exit).toBe(0);
  expect(new Set(statuses)).toEqual(new Set([200]));
  // The other side of the same claim: whatever the gateway took in, it answered.
  expect(api.logs.filter(({ status = 200 }) => status !== 200)).toEqual([]);
});

const isRefused = (api: Serving) =>
  api.request('/healthz').then(
    () => false,
    () => true,
  );

/** Asks again and again until no connection is accepted any more. */
async function client(api: Serving, agent: Agent, statuses: (number | string)[]): Promise<void> {
  for (;;) {
    const outcome = await ask(api, agent);
    if (outcome === 'ECONNREFUSED') return;
    statuses.push(outcome);
  }
}

function ask(api: Serving, agent: Agent): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(`${api.url}/predict`, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode as number));
    });
    sent.on('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
    sent.end('{"value": 1}');
  });
}

test('a worker that dies while draining is replaced for those that wait', async () => {
  const { file } = gate();
  const api = await serve({ handler: 'held' });
  const running = api.post({ name: 'a', until: file });
  await api.output('began a');
  const waiting = api.post({ name: 'b' });
  await queued(api, 1);
  api.signal('SIGTERM');
  await api.line('draining');
  process.kill(workerOf(api), 'SIGKILL');
  expect((await running).status).toBe(502);
  expect((await waiting).json).toBe('b');
  expect(await api.exit).toBe(0);
});

test('no process outlives the gateway, not even one that the handler started', async () => {
  const api = await serve({ handler: 'has_a_child' });
  const { json: pids } = await api.post({});
  expect(pids.map(isAlive)).toEqual([true, true]);
  api.signal('SIGTERM');
  expect(await api.exit).toBe(0);
  await until(() => !pids.some(isAlive));
});

test('a gateway that is killed takes its workers along, and what the handler started', async () => {
  const api = await serve({ handler: 'has_a_child' });
  const { json: pids } = await api.post({});
  api.signal('SIGKILL');
  expect(await api.exit).toBe('SIGKILL');
  await until(() => !pids.some(isAlive));
});
