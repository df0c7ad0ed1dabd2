import { describe, expect, test } from 'vitest';
import { type Limits, ScalableTarget } from '../../../bench/autoscaling/scalable-target';
import { StepPolicy, type StepSettings } from '../../../bench/autoscaling/step-policy';
import { TrackingPolicy } from '../../../bench/autoscaling/tracking-policy';

/** A service whose new tasks run 30 seconds after they were asked for. */
class Service {
  now = 0;
  wanted: number;

  constructor(wanted: number) {
    this.wanted = wanted;
  }

  scaleTo(count: number): number {
    const isMore = count > this.wanted;
    this.wanted = count;
    return isMore ? this.now + 30 : this.now;
  }

  target(limits: Limits = { min: 1, max: 100 }): ScalableTarget {
    return new ScalableTarget(this, limits);
  }
}

describe('target tracking', () => {
  const SETTINGS = { targetValue: 0.7, scaleOutCooldown: 60, scaleInCooldown: 300 };

  function tracking(wanted: number, limits?: Limits) {
    const service = new Service(wanted);
    const policy = new TrackingPolicy(service.target(limits), SETTINGS);
    const told = (which: 'high' | 'low', now: number, value: number) => {
      service.now = now;
      policy[which](now, value);
      return service.wanted;
    };
    return { high: told.bind(undefined, 'high'), low: told.bind(undefined, 'low') };
  }

  test.each([
    [4, 1.4, 8],
    [3, 1, 5],
    [10, 0.71, 11],
    [1, 200, 100],
  ])('from %d replicas at %d to %d: in proportion, rounded up, up to the limit', (wanted, value, expected) => {
    expect(tracking(wanted).high(0, value)).toBe(expected);
  });

  test.each([
    [10, 0.35, 5],
    [10, 0.36, 6],
    [3, 0, 1],
  ])('from %d replicas at %d down to %d, rounded up too', (wanted, value, expected) => {
    expect(tracking(wanted).low(0, value)).toBe(expected);
  });

  test('an alarm that repeats itself before the new replicas count adds nothing', () => {
    const { high } = tracking(4);
    expect(high(0, 1.4)).toBe(8);
    expect(high(60, 1.4)).toBe(8);
    // Thirty seconds until it was fulfilled, sixty of cool-down.
    expect(high(89, 1.4)).toBe(8);
    expect(high(90, 1.4)).toBe(16);
  });

  test('within the cool-down a higher value adds what it has more', () => {
    const { high } = tracking(4);
    expect(high(0, 1.4)).toBe(8);
    expect(high(60, 2.1)).toBe(12);
  });

  test('replicas are taken away once within the cool-down, and added at any time', () => {
    const { high, low } = tracking(10);
    expect(low(0, 0.35)).toBe(5);
    expect(low(299, 0.35)).toBe(5);
    expect(high(299, 1.4)).toBe(10);
    expect(low(300, 0.35)).toBe(5);
  });
});

describe('a step policy', () => {
  /** A target of 0.7, doubled at twice it and quadrupled at four times. */
  const SETTINGS: StepSettings = {
    adjustmentType: 'PercentChangeInCapacity',
    minAdjustmentMagnitude: 1,
    cooldown: 180,
    threshold: 1.4,
    steps: [
      { from: 0, to: 1.4, adjustment: 100 },
      { from: 1.4, to: Number.POSITIVE_INFINITY, adjustment: 300 },
    ],
  };

  function steps(wanted: number, settings = SETTINGS) {
    const service = new Service(wanted);
    const policy = new StepPolicy(service.target(), settings);
    return (now: number, value: number) => {
      service.now = now;
      policy.breached(now, value);
      return service.wanted;
    };
  }

  test.each([
    [1.39, 3],
    [1.4, 6],
    [2.79, 6],
    [2.8, 12],
    [99, 12],
  ])('three replicas at %d become %d: the lower bound is within a step, the upper is not', (value, expected) => {
    expect(steps(3)(0, value)).toBe(expected);
  });

  test('within the cool-down the same step adds nothing, and a higher one the difference', () => {
    const breached = steps(2);
    expect(breached(0, 1.5)).toBe(4);
    expect(breached(60, 1.5)).toBe(4);
    expect(breached(120, 3)).toBe(8);
    // Fulfilled at 150, and cool until 330.
    expect(breached(329, 3)).toBe(8);
    expect(breached(330, 3)).toBe(32);
  });

  test.each([
    [20, 1, 2],
    [50, 3, 4],
    [50, 5, 7],
    [20, 10, 12],
  ])('%d % of %d replicas make %d: rounded down above one, one at least', (adjustment, wanted, expected) => {
    const settings = { ...SETTINGS, steps: [{ from: 0, to: 10, adjustment }] };
    expect(steps(wanted, settings)(0, 1.5)).toBe(expected);
  });
});
