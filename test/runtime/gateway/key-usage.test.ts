/** What the log is told of how much each key is used, by the clock. */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startUsageReports } from '../../../runtime/gateway/keys/usage';
import { Log } from '../../../runtime/gateway/log';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Reports on these counters, and what has been told so far. */
function reporting(counters: ReadonlyMap<string, number>) {
  const out = new PassThrough();
  const told: [keyId: string, requests: number][] = [];
  out.on('data', (line) => {
    const { event, key_id: keyId, requests } = JSON.parse(String(line));
    if (event === 'key_usage') told.push([keyId, requests]);
  });
  return { told, reportLast: startUsageReports(counters, new Log(out)) };
}

test('once a minute each key that was used is told of, with its requests since', async () => {
  const counters = new Map([['team-a', 3]]);
  const { told } = reporting(counters);
  await vi.advanceTimersByTimeAsync(59_900);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(told).toEqual([['team-a', 3]]);
  counters.set('team-a', 5).set('team-b', 1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told.slice(1)).toEqual([
    ['team-a', 2],
    ['team-b', 1],
  ]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toHaveLength(3);
});

test('at the end the rest is told, and nothing after it', async () => {
  const counters = new Map([['team-a', 1]]);
  const { told, reportLast } = reporting(counters);
  reportLast();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([['team-a', 1]]);
  counters.set('team-a', 2);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(told).toHaveLength(1);
});
