/** How many requests a worker is sent ahead, by how long its calls have taken. */
import { expect, test } from 'vitest';
import type { Handler } from '../../../runtime/contract/handler';
import { Depth } from '../../../runtime/gateway/worker/depth';

/** The limit after calls that took so long. */
function limitAfter(times: readonly number[], handler: Partial<Handler> = {}): number {
  const depth = new Depth({ concurrency: 1, async: false, batch: false, ...handler } as Handler);
  for (const time of times) depth.observe(time);
  return depth.limit;
}

test('as many as are over in two milliseconds, of which it has seen one', () => {
  expect(limitAfter([])).toBe(1);
  expect(limitAfter([0.1, 0.1])).toBe(20);
  expect(limitAfter([0.1, 0.001])).toBe(64);
  expect(limitAfter([5, 5])).toBe(1);
});

test('the first call, which finds nothing ready, holds up none of those that follow', () => {
  expect(limitAfter([3_000])).toBe(1);
  expect(limitAfter([3_000, 0.1])).toBe(20);
});

test('a slow call counts at once, quick ones after it little by little', () => {
  expect(limitAfter([0.1, 0.1, 10])).toBe(1);
  expect(limitAfter([0.1, 0.1, 10, ...Array(50).fill(0.1)])).toBeLessThan(20);
});

test('beside as many as run at a time, and none where all of them do', () => {
  expect(limitAfter([0.1, 0.1], { concurrency: 4 })).toBe(23);
  expect(limitAfter([0.1, 0.1], { concurrency: 100, async: true })).toBe(100);
  expect(limitAfter([0.1, 0.1], { batch: true })).toBe(1);
});
