import { describe, expect, test } from 'vitest';
import { CORTEX_DEFAULTS, CORTEX_TICK, CortexAutoscaler, recommend } from '../../../bench/autoscaling/cortex';

describe("Cortex's recommendation of one moment", () => {
  test.each([
    [4.2, 3, 5],
    [10, 10, 10],
    // 5 % either way is no reason to move.
    [10.4, 10, 10],
    [9.6, 10, 10],
    [10.5, 10, 11],
    [9.5, 10, 10],
    [9.4, 10, 10],
    [8.9, 10, 9],
    // Half more at most, a quarter less at most, and always one.
    [90, 10, 15],
    [90, 1, 2],
    [90, 2, 3],
    [90, 3, 5],
    [0, 10, 8],
    [0, 2, 1],
    [0, 1, 1],
    [500, 90, 100],
  ])('%d in flight on %d replicas ask for %d', (inFlight, current, expected) => {
    expect(recommend(CORTEX_DEFAULTS, inFlight, current)).toBe(expected);
  });

  test('a lower target asks for more', () => {
    expect(recommend({ ...CORTEX_DEFAULTS, targetInFlight: 0.5 }, 4, 6)).toBe(8);
  });
});

describe("Cortex's request over time", () => {
  /** Replicas after each tick, and when they changed. */
  function changes(replicas: number, inFlightAt: (now: number) => number, seconds: number) {
    const autoscaler = new CortexAutoscaler(CORTEX_DEFAULTS, replicas);
    const found: [minutes: number, replicas: number][] = [];
    let current = replicas;
    for (let now = CORTEX_TICK; now <= seconds; now += CORTEX_TICK) {
      const next = autoscaler.tick(now, inFlightAt(now), current);
      if (next !== current) found.push([now / 60, next]);
      current = next;
    }
    return found;
  }

  test('from 1 to 100 takes eleven steps of a minute', () => {
    const found = changes(1, (now) => (now > 600 ? 1_000 : 1), 3_000);
    expect(found.map(([, replicas]) => replicas)).toEqual([2, 3, 5, 8, 12, 18, 27, 41, 62, 93, 100]);
    const [[first], last] = [found[0], found[found.length - 1][0]];
    expect(first).toBe(11);
    expect(last - 10).toBe(11);
  });

  test('what lasts less than a minute changes nothing', () => {
    expect(changes(4, (now) => (now > 600 && now <= 650 ? 40 : 4), 1_200)).toEqual([]);
  });

  test('replicas go only when five minutes agree', () => {
    const [first] = changes(8, (now) => (now > 600 ? 0 : 8), 3_000);
    expect(first).toEqual([15, 6]);
  });
});
