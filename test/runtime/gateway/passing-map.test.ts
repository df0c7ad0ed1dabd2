/** A map for what comes and goes: it holds what a Map would, and lets go of what has gone without a full collection. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { PassingMap } from '../../../runtime/gateway/passing-map';

test('what is in it is what was set last and not deleted', () => {
  const map = new PassingMap<number, string>();
  const plain = new Map<number, string>();
  for (let step = 0; step < 10_000; step += 1) {
    const key = (step * 7_919) % 211;
    if (step % 3 === 0) {
      map.delete(key);
      plain.delete(key);
    } else {
      map.set(key, String(step));
      plain.set(key, String(step));
    }
    expect(map.get(key)).toBe(plain.get(key));
    expect(map.size).toBe(plain.size);
  }
  expect([...map]).toEqual([...plain]);
  expect([...map.keys()]).toEqual([...plain.keys()]);
  map.clear();
  expect([map.size, [...map]]).toEqual([0, []]);
});

const oldBytes = () =>
  getHeapSpaceStatistics().find((one) => one.space_name === 'old_space')?.space_used_size as number;

test('what has gone is garbage to a collection of the young alone', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  const map = new PassingMap<number, object>();
  for (let id = 0; id < 32; id += 1) map.set(id, {});
  // Its table comes to lie in the old space, as one does while nothing is served.
  collect();
  collect();
  const before = oldBytes();
  for (let id = 32; id < 20_000; id += 1) {
    map.set(id, Array(100).fill(id));
    map.delete(id - 32);
    if (id % 500 === 0) collect({ type: 'minor' });
  }
  // With a Map it is 4 MB, and more the longer it goes on.
  expect(oldBytes() - before).toBeLessThan(2_000_000);
});
