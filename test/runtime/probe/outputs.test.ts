/** Whether an answer is the one that a sample promises. */
import { describe, expect, test } from 'vitest';
import { percentile } from '../../../runtime/probe/rollout/latency';
import { differenceOf } from '../../../runtime/probe/rollout/outputs';

const TOLERANCE = 1e-5;

test.each<[unknown, unknown]>([
  [1, 1.000009],
  [0, 0.000009],
  [1e9, 1e9 + 9000],
  ['a', 'a'],
  [null, null],
  [
    { a: 1, b: [true, 'x'] },
    { b: [true, 'x'], a: 1 },
  ],
  [[], []],
])('%j and %j are the same', (expected, actual) => {
  expect(differenceOf(expected, actual, TOLERANCE)).toBeUndefined();
});

test.each<[unknown, unknown, string]>([
  [1, 1.00002, '$ is 1.00002, and the sample says 1'],
  [1, '1', '$ is "1", and the sample says 1'],
  [null, 0, '$ is 0, and the sample says null'],
  [[1, 2], [1], '$ has 1 items, and the sample says 2'],
  [{ a: [1, 2] }, { a: [1, 3] }, '$.a[1] is 3, and the sample says 2'],
  [{ a: 1 }, {}, '$.a is missing'],
  [{ a: 1 }, { a: 1, b: 2 }, '$.b is in the answer, and not in the sample'],
  [{ a: 1 }, [1], '$ is [1], and the sample says {"a":1}'],
])('%j and %j are not, and the first place is told', (expected, actual, difference) => {
  expect(differenceOf(expected, actual, TOLERANCE)).toBe(difference);
});

test('without a tolerance numbers must be the same', () => {
  expect(differenceOf(0.3, 0.1 + 0.2, 0)).toBe('$ is 0.30000000000000004, and the sample says 0.3');
  expect(differenceOf(0.3, 0.3, 0)).toBeUndefined();
});

describe('a percentile', () => {
  test.each([
    [50, 10],
    [95, 19],
    [100, 20],
  ])('of %d is the smallest value that so many do not exceed', (percent, value) => {
    const values = Array.from({ length: 20 }, (_, index) => 20 - index);
    expect(percentile(values, percent)).toBe(value);
  });

  test('of nothing exceeds nothing', () => {
    expect(percentile([], 50)).toBe(Number.POSITIVE_INFINITY);
  });
});
