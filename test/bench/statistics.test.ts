import { describe, expect, test } from 'vitest';
import { median, pairedRatios, percentile, spread, summarize } from '../../bench/serving/statistics';

describe('statistics of the benchmark', () => {
  test('the median of an even number of rounds lies between the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([])).toBeNaN();
  });

  test('a percentile is always a time that was measured', () => {
    const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0.5, 0.99, 1, 0].map((share) => percentile(sorted, share))).toEqual([50, 99, 100, 1]);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  test('servers are compared round by round, so that a slow minute of both changes nothing', () => {
    expect(pairedRatios([200, 100, 50], [100, 50, 25])).toEqual([2, 2, 2]);
  });

  test('a round that one of the two did not finish is left out', () => {
    expect(pairedRatios([200, Number.NaN, 300], [100, 50, Number.NaN])).toEqual([2]);
    expect(pairedRatios([200], [0])).toEqual([]);
    expect(pairedRatios([200, 400], [100])).toEqual([2]);
  });

  test('a summary has the lowest and the highest beside the median', () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spread([90, 100, 110])).toBeCloseTo(0.2);
  });
});
