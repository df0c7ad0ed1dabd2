/** Several requests on one connection, and peers that end their side of it: every whole request gets its own answer. */
import { expect, test } from 'vitest';
import { gate, queued } from '../../runtime/gate';
import { type Serving, serve } from '../../runtime/serve';
import { dial, expectUnharmed, HEAD, type Heard, post } from './raw';

const statuses = (answers: Heard[]) => answers.map(({ status }) => status);
const bodies = (answers: Heard[]) => answers.map(({ body }) => body);

function held(name: string, file: string, headers = ''): string {
  const body = JSON.stringify({ name, until: file });
  return `${HEAD}${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

test('requests sent ahead are answered in their order, also those that need no worker', async () => {
  const api = await serve({ handler: 'held' });
  const door = gate();
  const dialed = dial(api).send(held('first', door.file) + held('second', '/dev/null'));
  dialed.send('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await api.output('began first');
  door.open();
  expect(bodies(await dialed.end())).toEqual(['"first"', '"second"', '{"status":"alive"}']);
});

test('bytes that are no request do not cost those before them their answers', async () => {
  const api = await serve({ handler: 'held' });
  const door = gate();
  const dialed = dial(api).send(`${held('first', door.file)}${held('second', '/dev/null')}garbage\r\n\r\n`);
  dialed.send(held('never', '/dev/null'));
  await api.output('began first');
  door.open();
  const answers = await dialed.end();
  expect(statuses(answers)).toEqual([200, 200, 400]);
  expect(bodies(answers).slice(0, 2)).toEqual(['"first"', '"second"']);
  expect(answers[2]?.headers.get('connection')).toBe('close');
  expect(api.logs.some(({ msg }) => msg === 'began never')).toBe(false);
});

test('a body that goes wrong does not cost the request before it its answer', async () => {
  const api = await serve({ handler: 'held' });
  const door = gate();
  const broken = `${HEAD}X-Request-Id: broken\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`;
  const dialed = dial(api).send(held('first', door.file) + broken);
  await api.output('began first');
  door.open();
  const answers = await dialed.end();
  expect(statuses(answers)).toEqual([200, 400]);
  expect(answers[1]?.headers.get('x-request-id')).toBe('broken');
});

test('what comes behind a request that said it was the last is ignored', async () => {
  const api = await serve({ handler: 'echo' });
  const dialed = dial(api).send(post(1, 'Connection: close\r\n') + post(2));
  expect(bodies(await dialed.end())).toEqual(['1']);
  await expectUnharmed(api);
});

const TUNNEL = 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n';

test('a wish for a tunnel is refused behind the answers to what came before it', async () => {
  const api = await serve({ handler: 'held' });
  const door = gate();
  const dialed = dial(api).send(held('first', door.file) + held('second', '/dev/null') + TUNNEL);
  await api.output('began first');
  door.open();
  const answers = await dialed.end();
  expect(statuses(answers)).toEqual([200, 200, 405]);
  expect(bodies(answers).slice(0, 2)).toEqual(['"first"', '"second"']);
});

test('a wish for a tunnel on a connection that is over, or is then reset, harms nobody', async () => {
  const api = await serve({ handler: 'echo' });
  const closed = dial(api).send(`${post(1, 'Connection: close\r\n')}${TUNNEL}`);
  expect(bodies(await closed.end())).toEqual(['1']);
  const broken = dial(api).send(`GET / HTTP/1.1\r\nHost: a, b\r\n\r\n${TUNNEL}`);
  await broken.closed;
  const reset = dial(api).send(TUNNEL);
  await reset.until(/405/);
  reset.socket.resetAndDestroy();
  await expectUnharmed(api);
});

test('a thousand requests sent ahead are a thousand answers, refused beyond the queue', async () => {
  const api = await serve({ handler: 'echo', overlay: { queueRequests: 5 } });
  const dialed = dial(api).send(Array.from({ length: 1_000 }, (_, value) => post(value)).join(''));
  dialed.send('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const answers = await dialed.end();
  expect(answers).toHaveLength(1_001);
  const mismatched = answers.slice(0, -1).filter(({ status, body }, value) => status === 200 && body !== `${value}`);
  expect(mismatched).toEqual([]);
  expect(new Set(statuses(answers))).toEqual(new Set([200, 503]));
});

test('a peer that only ends its own side still gets its answers', async () => {
  const api = await serve({ handler: 'held' });
  const door = gate();
  const dialed = dial(api).send(held('first', door.file) + held('second', '/dev/null'));
  dialed.socket.end();
  // Asked in between whether it is there, which it is.
  await dialed.until(/102 Processing[\s\S]*102 Processing[\s\S]*102 Processing/);
  door.open();
  expect(bodies(await dialed.end())).toEqual(['"first"', '"second"']);
});

test('a peer of HTTP/1.0 that ends its own side gets its answer, and no interim one', async () => {
  const api = await serve({ handler: 'echo' });
  const dialed = dial(api).send(post(1).replace('HTTP/1.1', 'HTTP/1.0'));
  dialed.socket.end();
  expect(bodies(await dialed.end())).toEqual(['1']);
  expect(dialed.text).not.toContain('102');
});

/** The worker is busy with `first`; what a peer that is going away sends comes behind it. */
async function behindAnother(api: Serving) {
  const door = gate();
  const first = dial(api).send(held('first', door.file, 'Connection: close\r\n'));
  await api.output('began first');
  return { door, first };
}

test.each([
  ['before its headers', ''],
  ['in the middle of its headers', 'POST /predict HTTP/1.1\r\nHost:'],
  ['before its body', `${HEAD}Content-Length: 50\r\n\r\n`],
  ['in the middle of its body', `${HEAD}Content-Length: 50\r\n\r\n{"name":`],
  [
    'in the middle of a body that comes with a wish for a WebSocket',
    `${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 50\r\n\r\n{`,
  ],
  ['in the middle of a chunk', `${HEAD}Transfer-Encoding: chunked\r\n\r\nff\r\n{"name":`],
])('a client that goes %s, with a FIN or a reset, is forgotten', async (_, bytes) => {
  const api = await serve({ handler: 'echo' });
  for (const leave of ['destroy', 'resetAndDestroy'] as const) {
    const dialed = dial(api);
    await new Promise((resolve) => dialed.socket.once('connect', resolve));
    if (bytes !== '') await new Promise<void>((resolve) => void dialed.socket.write(bytes, () => resolve()));
    dialed.socket[leave]();
    await dialed.closed;
    await expectUnharmed(api);
  }
  expect((await api.manage('/metrics')).text).toContain('\nmodel_api_disconnects_total 0\n');
});

test.each(['destroy', 'resetAndDestroy'] as const)(
  'a client that goes while queued (%s) is never run',
  async (leave) => {
    const api = await serve({ handler: 'held' });
    const { door, first } = await behindAnother(api);
    const leaver = dial(api).send(held('leaver', '/dev/null'));
    await queued(api, 1);
    leaver.socket[leave]();
    await queued(api, 0);
    door.open();
    expect(bodies(await first.end())).toEqual(['"first"']);
    expect(await api.post({ name: 'next' })).toMatchObject({ status: 200, json: 'next' });
    expect(api.logs.some(({ msg }) => msg === 'began leaver')).toBe(false);
  },
);

test.each(['destroy', 'resetAndDestroy'] as const)(
  'a client that goes while running (%s) is let go of',
  async (leave) => {
    const api = await serve({ handler: 'held' });
    const { door, first } = await behindAnother(api);
    first.socket[leave]();
    expect(await api.line((line) => line.status === 499)).toMatchObject({ error: { code: 'disconnected' } });
    door.open();
    expect(await api.post({ name: 'next' })).toMatchObject({ status: 200, json: 'next' });
  },
);
