/** Generators: how they reach callers, and what stops them. */
import { get, type IncomingMessage, request } from 'node:http';
import { expect, test } from 'vitest';
import { gate, until, workerOf } from '../gate';
import { type Serving, serve } from '../serve';
import { handler } from '../worker/handlers';

const SSE = { accept: 'text/event-stream' };

/** Reads the answer piece by piece, for as long as the test asks for more. */
async function open(api: Serving, input: object, headers: Record<string, string> = SSE) {
  const leaver = new AbortController();
  const response = await fetch(`${api.url}/predict`, {
    method: 'POST',
    body: JSON.stringify(input),
    headers: { 'content-type': 'application/json', ...headers },
    signal: leaver.signal,
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  return {
    response,
    leave: () => leaver.abort(),
    /** Resolves as soon as it has come. */
    async seen(part: string): Promise<void> {
      while (!text.includes(part)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`the stream ended before ${part}: ${text}`);
        text += Buffer.from(value).toString();
      }
    },
    async rest(): Promise<string> {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        text += Buffer.from(value).toString();
      }
    },
  };
}

test('items are server-sent events, and the last event says that all have come', async () => {
  const api = await serve({ handler: 'tokens' });
  const reply = await api.post({ count: 2 });
  expect(reply.headers.get('content-type')).toBe('text/event-stream');
  expect(reply.text).toBe('data: "token 0"\n\ndata: "token 1"\n\nevent: end\ndata: {}\n\n');
});

test('items are lines of JSON, or one array, for whoever accepts only that', async () => {
  const api = await serve({ handler: 'tokens' });
  const lines = await api.post({ count: 2 }, { accept: 'application/x-ndjson' });
  expect(lines.text).toBe('"token 0"\n"token 1"\n');
  expect((await api.post({ count: 2 }, { accept: 'application/json' })).json).toEqual(['token 0', 'token 1']);
});

test('a stream without an item is empty, in each form', async () => {
  const api = await serve({ handler: 'tokens' });
  expect((await api.post({ count: 0 })).text).toBe('event: end\ndata: {}\n\n');
  expect((await api.post({ count: 0 }, { accept: 'application/json' })).json).toEqual([]);
});

test('bytes come as they are', async () => {
  const api = await serve({ handler: 'yields_bytes' });
  const reply = await api.post({ blocks: 2, size: 3 });
  expect(reply.headers.get('content-type')).toBe('application/octet-stream');
  expect(reply.text).toBe('\0\0\0\x01\x01\x01');
});

test.each(['tokens', 'tokens_async'])('%s: the first item does not wait for the second', async (handler) => {
  const api = await serve({ handler });
  const held = gate();
  const stream = await open(api, { count: 2, held_after: 1, until: held.file });
  await stream.seen('data: "token 0"\n\n');
  held.open();
  expect(await stream.rest()).toContain('data: "token 1"');
});

test('what fails before the first item has its own status', async () => {
  const api = await serve({ handler: 'tokens' });
  expect(await api.post({ fail_after: 0 })).toMatchObject({ status: 500, json: { code: 'handler_error' } });
});

test('what fails after it is the last event, and an error in the log', async () => {
  const api = await serve({ handler: 'tokens' });
  const reply = await api.post({ fail_after: 1 }, { 'x-request-id': 'mid' });
  expect(reply.status).toBe(200);
  const [, event] = /event: error\ndata: (.*)\n\n$/.exec(reply.text) as RegExpExecArray;
  expect(JSON.parse(event as string)).toMatchObject({ code: 'handler_error', status: 500, request_id: 'mid' });
  const line = await api.line(({ request_id, status }) => request_id === 'mid' && status !== undefined);
  expect(line).toMatchObject({ level: 'error', status: 200, error: { message: 'no token 1' } });
  expect((await api.manage('/metrics')).text).toContain('model_api_requests_total{code="500"} 1');
});

test('of bytes, which carry no word, the connection is cut', async () => {
  const api = await serve({ handler: 'yields_bytes' });
  await expect(api.post({ blocks: 2, fail: true })).rejects.toThrow();
});

test.each(['tokens', 'tokens_async'])('%s: a caller that leaves stops the generator', async (handler) => {
  const api = await serve({ handler });
  const stream = await open(api, { count: 2, held_after: 1, until: '/nowhere' });
  await stream.seen('token 0');
  stream.leave();
  await api.output('closed');
  expect((await api.post({ count: 1 }, { accept: 'application/json' })).json).toEqual(['token 0']);
  expect(api.events('worker_lost')).toEqual([]);
});

test('a deadline ends a stream with an event, and stops the generator', async () => {
  const api = await serve({ handler: 'tokens', overlay: { requestTimeoutMs: 300 } });
  const reply = await api.post({ count: 2, held_after: 1, until: '/nowhere' });
  expect(reply.text).toMatch(/event: error\ndata: \{.*"code":"deadline_exceeded"/);
  await api.output('closed');
});

test('the worker that dies in the middle is an event too', async () => {
  const api = await serve({ handler: 'tokens' });
  const stream = await open(api, { count: 2, held_after: 1, until: '/nowhere' });
  await stream.seen('token 0');
  process.kill(workerOf(api), 'SIGKILL');
  expect(await stream.rest()).toMatch(/event: error\ndata: \{.*"code":"worker_died"/);
});

test('a slow reader holds the generator back', async () => {
  const api = await serve({ handler: 'yields_bytes' });
  const blocks = 2_000;
  const response = await new Promise<IncomingMessage>((resolve) => {
    const body = JSON.stringify({ blocks, size: 65_536 });
    request(`${api.url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' } }, resolve).end(
      body,
    );
  });
  const made = () => api.logs.filter(({ msg }) => msg.startsWith('block')).length;
  // It is at a standstill when no block has been made for a while: the buffers on the way are full.
  let before = -1;
  await until(async () => {
    const standsStill = made() > 0 && made() === before;
    before = made();
    await new Promise((resolve) => setTimeout(resolve, 200));
    return standsStill;
  });
  expect(made()).toBeLessThan(blocks / 4);
  let bytes = 0;
  for await (const piece of response) bytes += (piece as Buffer).length;
  expect(bytes).toBe(blocks * 65_536);
});

test('many streams share one worker', async () => {
  const api = await serve({ handler: 'tokens_async' });
  const held = gate();
  const streams = await Promise.all(
    Array.from({ length: 50 }, () => open(api, { count: 3, held_after: 1, until: held.file })),
  );
  await Promise.all(streams.map((stream) => stream.seen('token 0')));
  held.open();
  for (const stream of streams) expect(await stream.rest()).toContain('event: end');
});

test('as many sync generators run at a time as the manifest says', async () => {
  const api = await serve({ handler: 'tokens', overlay: { concurrency: 3 } });
  const streams = await Promise.all([1, 2, 3].map(() => open(api, { count: 2, held_after: 1, until: '/nowhere' })));
  await Promise.all(streams.map((stream) => stream.seen('token 0')));
  for (const stream of streams) stream.leave();
});

test('a HEAD asks for nothing', async () => {
  const api = await serve({ handler: 'tokens' });
  const status = await new Promise((resolve) =>
    get(`${api.url}/predict`, { method: 'HEAD' }, (response) => resolve(response.statusCode)),
  );
  expect(status).toBe(405);
});

test('a drain waits for streams that are under way', async () => {
  const api = await serve({ handler: 'tokens' });
  const held = gate();
  const stream = await open(api, { count: 2, held_after: 1, until: held.file });
  await stream.seen('token 0');
  api.signal('SIGTERM');
  await api.line('draining');
  held.open();
  expect(await stream.rest()).toContain('event: end');
  expect(await api.exit).toBe(0);
});

test('a generator that is too large for one array is told so, and stopped', async () => {
  const endless = `def predict():
    try:
        while True:
            yield "x" * 2**20
    finally:
        print("stopped")
`;
  const api = await serve({ handler: handler(endless) });
  const { status, json } = await api.postRaw(undefined, { accept: 'application/json' });
  expect([status, json.code]).toEqual([500, 'invalid_result']);
  await api.output('stopped');
});
