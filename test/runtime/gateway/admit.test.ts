/** Who may run, who waits and who is refused: bounds, deadlines, and callers that go away. */
import { expect, test } from 'vitest';
import { gate, queued } from '../gate';
import { serve } from '../serve';

test('a second request waits while the first one runs', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held' });
  const first = api.post({ name: 'first', until: file });
  await api.output('began first');
  const second = api.post({ name: 'second' });
  await queued(api, 1);
  expect(api.logs.some(({ msg }) => msg === 'began second')).toBe(false);
  open();
  expect((await first).json).toBe('first');
  expect((await second).json).toBe('second');
});

test('as many requests run in a worker as the manifest says', async () => {
  const api = await serve({ handler: 'barrier', manifest: { concurrency: 3 } });
  const replies = await Promise.all([1, 2, 3].map(() => api.post({ together: 3 })));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('an async handler runs many requests at once', async () => {
  const api = await serve({ handler: 'async_echo' });
  const replies = [1, 2, 3, 4].map((value) => api.post({ value, seconds: 0.5 }));
  await Promise.all([1, 2, 3, 4].map((value) => api.output(`began ${value}`)));
  expect(api.logs.some(({ msg }) => msg.startsWith('left'))).toBe(false);
  expect((await Promise.all(replies)).map(({ json }) => json)).toEqual([1, 2, 3, 4]);
});

test('two workers run two requests', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held', overlay: { workers: 2 } });
  const replies = ['a', 'b'].map((name) => api.post({ name, until: file }));
  await Promise.all([api.output('began a'), api.output('began b')]);
  open();
  expect((await Promise.all(replies)).map(({ json }) => json)).toEqual(['a', 'b']);
});

test('beyond the queue a request is refused at once, and may come again', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held', overlay: { queueRequests: 1 } });
  const accepted = [api.post({ name: 'a', until: file })];
  await api.output('began a');
  accepted.push(api.post({ name: 'b' }));
  await queued(api, 1);
  const refused = await api.post({ name: 'c' });
  expect(refused).toMatchObject({ status: 503, json: { code: 'overloaded', retryable: true } });
  expect(refused.json.detail).toBe('1 requests are waiting already, the most this API allows.');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  open();
  expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual([200, 200]);
});

test('the bytes that wait are bounded too', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held', overlay: { queueBytes: 1000 } });
  const running = api.post({ name: 'a', until: file });
  await api.output('began a');
  const refused = await api.post({ name: 'x'.repeat(1000) });
  expect(refused.json).toMatchObject({ code: 'overloaded', detail: expect.stringContaining('1000 bytes') });
  open();
  expect((await running).status).toBe(200);
});

test('an invalid input is told so even when the queue is full', async () => {
  const { file } = gate();
  const api = await serve({ handler: 'held', overlay: { queueRequests: 1 } });
  void api.post({ name: 'a', until: file }).catch(() => {});
  await api.output('began a');
  void api.post({ name: 'b' }).catch(() => {});
  await queued(api, 1);
  expect(await api.post({ nme: 'c' })).toMatchObject({ status: 422 });
});

test('a deadline bounds waiting', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held' });
  const running = api.post({ name: 'a', until: file });
  await api.output('began a');
  const late = await api.post({ name: 'b' }, { 'x-model-api-timeout-ms': '50' });
  expect(late).toMatchObject({ status: 504, json: { code: 'deadline_exceeded', retryable: true } });
  expect(late.json.detail).toBe('The deadline passed while it waited for a worker.');
  open();
  expect((await running).status).toBe(200);
  expect(api.logs.some(({ msg }) => msg === 'began b')).toBe(false);
});

test('a deadline cancels what is running, and its worker goes on', async () => {
  const api = await serve({ handler: 'async_echo', overlay: { requestTimeoutMs: 200 } });
  const late = await api.post({ value: 'slow', seconds: 60 });
  expect(late.json).toMatchObject({ status: 504, detail: 'The deadline passed while the handler was running.' });
  await api.output('left slow');
  expect((await api.post({ value: 'next' })).json).toBe('next');
  expect(api.events('worker_lost')).toEqual([]);
});

test('a worker that holds a request beyond its deadline is replaced after a grace', async () => {
  const api = await serve({ handler: 'slow', overlay: { requestTimeoutMs: 200 } });
  const late = await api.post({ seconds: 600, stubborn: true });
  expect(late.status).toBe(504);
  expect((await api.line('worker_lost')).reason).toMatch(/^was killed: it held a request beyond its deadline/);
  await api.line((line) => line.event === 'loaded' && line !== api.events('loaded')[0]);
  expect((await api.post({ seconds: 0 })).status).toBe(200);
});

test("a caller's own deadline kills no worker that holds the request beyond it", async () => {
  const api = await serve({ handler: 'slow' });
  expect((await api.post({ seconds: 3, stubborn: true }, { 'x-model-api-timeout-ms': '50' })).status).toBe(504);
  expect((await api.post({ seconds: 0 })).status).toBe(200);
  expect(api.events('worker_lost')).toEqual([]);
});

test.each(['0', '-5', '1.5', 'soon', ''])('the timeout %j is refused', async (timeout) => {
  const api = await serve({ handler: 'echo' });
  const reply = await api.post({ value: 1 }, { 'x-model-api-timeout-ms': timeout });
  expect(reply).toMatchObject({ status: 400, json: { code: 'bad_request' } });
  expect(reply.json.detail).toContain('X-Model-Api-Timeout-Ms');
});

test('a caller cannot lengthen the deadline', async () => {
  const api = await serve({ handler: 'async_echo', overlay: { requestTimeoutMs: 100 } });
  const late = await api.post({ value: 1, seconds: 60 }, { 'x-model-api-timeout-ms': '600000' });
  expect(late.status).toBe(504);
});

test('a caller that goes away is taken out of the queue', async () => {
  const { file, open } = gate();
  const api = await serve({ handler: 'held' });
  const running = api.post({ name: 'a', until: file });
  await api.output('began a');
  const caller = new AbortController();
  const waiting = api.post({ name: 'b' }, {}, caller.signal);
  await queued(api, 1);
  caller.abort();
  await expect(waiting).rejects.toThrow();
  await queued(api, 0);
  open();
  await running;
  expect((await api.post({ name: 'c' })).json).toBe('c');
  expect(api.logs.some(({ msg }) => msg === 'began b')).toBe(false);
});

test('a caller that goes away cancels what is running', async () => {
  const api = await serve({ handler: 'async_echo' });
  const caller = new AbortController();
  const running = api.post({ value: 'unwanted', seconds: 60 }, {}, caller.signal);
  await api.output('began unwanted');
  caller.abort();
  await expect(running).rejects.toThrow();
  await api.output('left unwanted');
  expect(await api.line((line) => line.status === 499)).toMatchObject({ error: { code: 'disconnected' } });
});
