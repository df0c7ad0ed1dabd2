import { describe, expect, test } from 'vitest';
import { averageLimits } from '../../../bin/cost/schedules';

const BASE = { min: 1, max: 10 };
const HOURS = 7 * 24;

function action(schedule: string, min?: number, max?: number, Timezone?: string) {
  return { Schedule: schedule, ScalableTargetAction: { MinCapacity: min, MaxCapacity: max }, Timezone };
}

describe('the average of limits over a week', () => {
  test('is what they are where the last change stays', () => {
    expect(averageLimits(BASE, [action('cron(0 0 ? * MON *)', 3, 5)])).toEqual({ min: 3, max: 5 });
  });

  test('begins with what the end of the week before has left', () => {
    // From Saturday noon to Sunday noon 0, else 2.
    const weekend = action('cron(0 12 ? * SAT *)', 0);
    const week = action('cron(0 12 ? * SUN *)', 2);
    expect(averageLimits(BASE, [weekend, week])).toEqual({ min: (2 * (HOURS - 24)) / HOURS, max: 10 });
  });

  test('knows lists, numbers, ranges, steps and any day', () => {
    const even = action('cron(0 0/2 * * ? *)', 2);
    const odd = action('cron(0 1,3,5,7,9,11,13,15,17,19,21,23 ? * 1-7 *)', 4);
    expect(averageLimits(BASE, [even, odd])?.min).toBe(3);
  });

  test.each([
    ['at(2030-01-01T00:00:00)'],
    ['rate(1 day)'],
    ['cron(0 8 1 * ? *)'],
    ['cron(0 8 ? 6 * *)'],
    ['cron(0 8 ? * MON#1 *)'],
    ['cron(0 8 ? * * 2030)'],
    ['cron(0 8 ? * FRI-MON *)'],
  ])('is not made up for %s', (schedule) => {
    expect(averageLimits(BASE, [action(schedule, 0)])).toBeUndefined();
  });

  test('is not made up where time zones differ', () => {
    const actions = [action('cron(0 8 ? * * *)', 2, 2, 'Europe/Paris'), action('cron(0 20 ? * * *)', 1, 1)];
    expect(averageLimits(BASE, actions)).toBeUndefined();
  });
});
