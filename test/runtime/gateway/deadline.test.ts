/** The one coarse timer: never early, late by a tick, and silent when nothing waits. */
import { expect, test, vi } from 'vitest';
import { Deadlines } from '../../../runtime/gateway/deadline';

test('alarms ring in the order of their times, none early', async () => {
  const deadlines = new Deadlines();
  const start = performance.now();
  const rung: number[] = [];
  await Promise.all(
    [60, 20, 40].map(async (delay) => {
      await deadlines.wait(delay);
      expect(performance.now() - start).toBeGreaterThanOrEqual(delay);
      rung.push(delay);
    }),
  );
  expect(rung).toEqual([20, 40, 60]);
});

test('a cancelled alarm does not ring', async () => {
  const deadlines = new Deadlines();
  const ring = vi.fn();
  deadlines.after(20, ring).cancel();
  const other = deadlines.after(20, ring);
  deadlines.after(20, ring);
  other.cancel();
  other.cancel();
  await deadlines.wait(40);
  expect(ring).toHaveBeenCalledTimes(1);
});

test('a time that has passed rings at the next tick', async () => {
  const deadlines = new Deadlines();
  await new Promise<void>((resolve) => void deadlines.at(0, resolve));
});

test('no timer runs when nothing waits', async () => {
  const clear = vi.spyOn(globalThis, 'clearInterval');
  const deadlines = new Deadlines();
  deadlines.after(60_000, () => expect.unreachable()).cancel();
  await vi.waitFor(() => expect(clear).toHaveBeenCalledTimes(1));
});
