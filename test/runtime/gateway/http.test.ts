/** The HTTP edge against clients that are large, slow, broken or gone, over raw sockets. */
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Serving, serve } from '../serve';

/** A raw connection; `answer` resolves to all that came when the peer has closed it. */
function dial(api: Serving): { readonly socket: Socket; readonly answer: Promise<string> } {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
  return { socket, answer };
}

const HEAD = 'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';

/** What came so far, when it matches. */
function received(socket: Socket, pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      if (pattern.test(text)) resolve(text);
    });
  });
}

test('a body that says it is too large is refused before it comes', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: 1000 } });
  const { socket } = dial(api);
  const answer = received(socket, /payload_too_large/);
  socket.write(`${HEAD}Content-Length: 1001\r\n\r\n`);
  expect(await answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*X-Request-Id: [\s\S]*larger than 1000 bytes/);
});

test('a body that turns out too large is refused as soon as it is', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: 1000 } });
  const { socket } = dial(api);
  const answer = received(socket, /payload_too_large/);
  socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}\r\n`);
  expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
});

test('a body as large as allowed is taken', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: 3_000_000 } });
  const value = 'x'.repeat(3_000_000 - '{"value":""}'.length);
  expect((await api.post({ value })).json).toBe(value);
  expect((await api.post({ value: `${value}x` })).status).toBe(413);
});

test('a client that waits for 100 Continue is told to go on, or why not', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: 1000 } });
  const { socket } = dial(api);
  const goOn = received(socket, /100 Continue/);
  socket.write(`${HEAD}Content-Length: 11\r\nExpect: 100-continue\r\n\r\n`);
  await goOn;
  const answer = received(socket, /200 OK[\s\S]*\r\n\r\n5/);
  socket.write('{"value":5}');
  await answer;
  const refused = received(socket, /413 /);
  socket.write(`${HEAD}Content-Length: 2000\r\nExpect: 100-continue\r\n\r\n`);
  expect(await refused).not.toContain('100 Continue');
});

test('a connection carries one request after the other', async () => {
  const api = await serve({ handler: 'echo' });
  const { socket } = dial(api);
  const answers = received(socket, /\r\n\r\n1[\s\S]*\r\n\r\n2/);
  socket.write(`${HEAD}Content-Length: 11\r\n\r\n{"value":1}${HEAD}Content-Length: 11\r\n\r\n{"value":2}`);
  expect(await answers).toMatch(/Connection: keep-alive/);
});

test.each([
  ['no HTTP', 'GARBAGE\r\n\r\n', 400, 'bad_request'],
  ['headers beyond 16 KiB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  [
    'two lengths',
    'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
    400,
    'bad_request',
  ],
  [
    'a length and chunks',
    'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    400,
    'bad_request',
  ],
  ['no Host header', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'bad_request'],
  ['a wish for a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', 405, 'method_not_allowed'],
])('%s is answered with a problem and a request id', async (_, bytes, status, code) => {
  const api = await serve({ handler: 'echo' });
  const { socket, answer } = dial(api);
  socket.write(bytes);
  const text = await answer;
  expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*X-Request-Id: [\\da-f-]{36}\r\n`));
  expect(text).toContain(`"code":"${code}"`);
});

test('a client too slow with its headers, or with its body, is sent away', async () => {
  const overlay = { headersTimeoutMs: 200, keepAliveTimeoutMs: 100, requestTimeoutMs: 300 };
  const api = await serve({ handler: 'echo', overlay });
  const headers = dial(api);
  headers.socket.write('POST /predict HTTP/1.1\r\nHost:');
  const body = dial(api);
  body.socket.write(`${HEAD}Content-Length: 11\r\n\r\n{"val`);
  for (const slow of [headers, body]) expect(await slow.answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*request_timeout/);
});

test('bytes that are no request are logged and counted like any other error', async () => {
  const api = await serve({ handler: 'echo' });
  const { socket, answer } = dial(api);
  socket.write('GARBAGE\r\n\r\n');
  const [, requestId] = /X-Request-Id: (\S+)/.exec(await answer) ?? [];
  const line = await api.line(({ request_id }) => request_id === requestId);
  expect(line).toMatchObject({ level: 'warning', status: 400, error: { code: 'bad_request' } });
  expect((await api.manage('/metrics')).text).toContain('model_api_requests_total{code="400"} 1\n');
});

test('a client too slow with its body is told so under its own request id, in one line', async () => {
  const overlay = { headersTimeoutMs: 200, keepAliveTimeoutMs: 100, requestTimeoutMs: 300 };
  const api = await serve({ handler: 'echo', overlay });
  const { socket, answer } = dial(api);
  socket.write(`${HEAD}X-Request-Id: mine\r\nContent-Length: 11\r\n\r\n{"val`);
  expect(await answer).toContain('X-Request-Id: mine\r\n');
  const line = await api.line(({ status }) => status !== undefined);
  expect(line).toMatchObject({ request_id: 'mine', route: '/predict', status: 408 });
  expect(api.logs.at(-1)).toBe(line);
});

test('a connection on which nothing ever came is closed without a word', async () => {
  const overlay = { headersTimeoutMs: 200, keepAliveTimeoutMs: 100, requestTimeoutMs: 300 };
  const api = await serve({ handler: 'echo', overlay });
  expect(await dial(api).answer).toBe('');
});

test('an idle connection is closed after the keep-alive time', async () => {
  const api = await serve({ handler: 'echo', overlay: { keepAliveTimeoutMs: 100 } });
  const { socket, answer } = dial(api);
  socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await answer).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('a client that goes in the middle of its body costs nothing', async () => {
  const api = await serve({ handler: 'echo' });
  const { socket } = dial(api);
  socket.write(`${HEAD}Content-Length: 1000\r\n\r\n{"value":`, () => socket.destroy());
  expect(await api.line((line) => line.status === 499)).toMatchObject({ error: { code: 'disconnected' } });
  const { text } = await api.manage('/metrics');
  expect(text).toContain('\nmodel_api_disconnects_total 0\n');
  expect(text).toContain('\nmodel_api_request_duration_seconds_count 0\n');
  expect((await api.post({ value: 1 })).status).toBe(200);
});
