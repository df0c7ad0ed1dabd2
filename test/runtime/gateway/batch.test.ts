/** Micro-batching: which requests share a call, and that sharing one costs nobody else anything. */
import { expect, test } from 'vitest';
import { Batcher } from '../../../runtime/gateway/batch';
import { gate, queued } from '../gate';
import { type Serving, serve } from '../serve';

/** Requests that wait together behind one that holds the worker, and are then one call. */
async function together(api: Serving, inputs: readonly object[]) {
  const held = gate();
  const first = api.post({ value: 0, how: 'hold', until: held.file });
  await api.output('batch of 1');
  const rest = inputs.map((input) => api.post(input));
  await queued(api, inputs.length);
  held.open();
  await first;
  return Promise.all(rest);
}

test('requests that waited are one call, and each has its own answer', async () => {
  const api = await serve({ handler: 'rows' });
  const replies = await together(api, [{ value: 1 }, { value: 2 }, { value: 3 }]);
  expect(replies.map(({ json }) => json)).toEqual([1, 2, 3].map((value) => ({ value: value * 2, batch: 3 })));
  expect((await api.manage('/metrics')).text).toContain('model_api_batch_size_sum 4\n');
});

test('no batch is larger than it may be', async () => {
  const api = await serve({ handler: 'rows', manifest: { batching: { maxBatchSize: 2 } } });
  const replies = await together(api, [{ value: 1 }, { value: 2 }, { value: 3 }]);
  expect(replies.map(({ json }) => json.batch)).toEqual([2, 2, 1]);
});

test('a poisoned item fails alone: the others are run again', async () => {
  const api = await serve({ handler: 'rows' });
  const replies = await together(api, [{ value: 1 }, { value: 2, how: 'raise' }, { value: 3 }]);
  expect(replies.map(({ status }) => status)).toEqual([200, 500, 200]);
});

test('a result of the wrong length is an error of that batch alone', async () => {
  const api = await serve({ handler: 'rows' });
  const replies = await together(api, [{ value: 1 }, { value: 2, how: 'short' }]);
  for (const { status, json } of replies) expect([status, json.code]).toEqual([500, 'invalid_result']);
  expect(replies[0]?.json.detail).toMatch(/1 result.* 2/);
  expect((await api.post({ value: 4 })).json.value).toBe(8);
});

test('a batch that kills its worker fails as a whole, and what waited behind it is served', async () => {
  const api = await serve({ handler: 'rows', manifest: { batching: { maxBatchSize: 2 } } });
  const replies = await together(api, [{ value: 1 }, { value: 2, how: 'exit' }, { value: 3 }]);
  expect(replies.map(({ status }) => status)).toEqual([502, 502, 200]);
});

test('batching that the handler cannot do is told', async () => {
  const api = await serve({ handler: 'echo', manifest: { batching: { maxBatchSize: 8 } } });
  expect((await api.line('batching_unused')).msg).toMatch(/predict\.py has no predict_batch/);
});

test('a bad item never reaches a batch', async () => {
  const api = await serve({ handler: 'rows' });
  const [good, bad] = await Promise.all([api.post({ value: 1 }), api.post({ value: 'x' })]);
  expect([good.status, bad.status]).toEqual([200, 422]);
});

test('arguments may be columns', async () => {
  const api = await serve({ handler: 'columns' });
  expect((await api.post({ features: [1, 2], scale: 10 })).json).toBe(30);
});

test('a deadline takes a request out of those that wait', async () => {
  const api = await serve({ handler: 'rows' });
  const held = gate();
  const first = api.post({ value: 0, how: 'hold', until: held.file });
  await api.output('batch of 1');
  const late = await api.post({ value: 1 }, { 'x-model-api-timeout-ms': '50' });
  expect(late.status).toBe(504);
  held.open();
  expect((await first).status).toBe(200);
});

// The policy by itself: a clock that the test moves.

function served(batcher: Batcher, rows: number, serviceMs: number, now: number): void {
  batcher.outstanding(rows, now);
  batcher.served(rows, serviceMs);
}

test('who is alone never waits', () => {
  const batcher = new Batcher({});
  served(batcher, 1, 10, 0);
  expect(batcher.waitMs(1, 0, 0, 1)).toBe(0);
});

test('half of those who ask again are waited for, a quarter of a call at most, from when the worker became idle', () => {
  const batcher = new Batcher({});
  served(batcher, 8, 10, 0);
  expect(batcher.waitMs(4, 0, 0, 0)).toBeCloseTo(2.5, 1);
  expect(batcher.waitMs(4, 0, 0, 1)).toBeCloseTo(1.5, 1);
  expect(batcher.waitMs(4, 0, 0, 2.4)).toBe(0);
  expect(batcher.waitMs(8, 0, 0, 0)).toBe(0);
});

test('beyond that for as long as rows come faster than a call would serve them, one call at most', () => {
  const batcher = new Batcher({});
  served(batcher, 64, 8, 0);
  expect(batcher.waitMs(4, 0, 0, 0)).toBeCloseTo(2, 1);
  expect(batcher.waitMs(20, 0, 0, 2)).toBe(1);
  expect(batcher.waitMs(40, 0, 0, 4)).toBe(1);
  expect(batcher.waitMs(41, 0, 0, 8.1)).toBe(0);
  const stalled = new Batcher({});
  served(stalled, 64, 8, 0);
  stalled.waitMs(20, 0, 0, 0);
  expect(stalled.waitMs(22, 0, 0, 2)).toBe(0);
});

test('a call that is over in a moment is not waited for, and none longer than 5 ms', () => {
  const fast = new Batcher({});
  served(fast, 8, 1, 0);
  expect(fast.waitMs(4, 0, 0, 0)).toBe(0);
  const slow = new Batcher({});
  served(slow, 8, 1_000, 0);
  expect(slow.waitMs(4, 0, 0, 0)).toBe(5);
});

test('what was outstanding is forgotten with time, however few batches there are', () => {
  const batcher = new Batcher({});
  served(batcher, 8, 10, 0);
  expect(batcher.waitMs(1, 1_000, 1_000, 1_000)).toBe(0);
});

test('a target of latency bounds the rows, by the time of a call and not of the queue', () => {
  const batcher = new Batcher({ maxBatchSize: 32, latencyTargetMs: 20 });
  for (let call = 0; call < 50; call += 1) batcher.served(batcher.limitRows, batcher.limitRows * 2);
  expect(batcher.limitRows).toBeGreaterThanOrEqual(8);
  expect(batcher.limitRows).toBeLessThanOrEqual(11);
  for (let call = 0; call < 50; call += 1) batcher.served(batcher.limitRows, 1);
  expect(batcher.limitRows).toBe(32);
});

test('a window that was asked for is kept from the first that waits, until the batch is full', () => {
  const batcher = new Batcher({ maxBatchSize: 4, windowMs: 50 });
  expect(batcher.waitMs(1, 100, 0, 110)).toBe(40);
  expect(batcher.waitMs(4, 100, 0, 110)).toBe(0);
});
