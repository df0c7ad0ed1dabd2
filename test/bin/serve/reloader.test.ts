/** Which files a reload is told to be for, with a gateway that reloads when the test says so. */
import { expect, test } from 'vitest';
import type { GatewayProcess } from '../../../bin/serve/gateway-process';
import { Reloader } from '../../../bin/serve/reloader';

test('a file that was saved three times during a reload is one file of the next', async () => {
  const told: (readonly string[])[] = [];
  const ends: (() => void)[] = [];
  const gateway = { reload: () => new Promise<void>((resolve) => ends.push(resolve)) } as unknown as GatewayProcess;
  const environment = { python: 'python3', version: '3.12.0', sources: [] };
  const reloader = new Reloader(gateway, environment, {
    prepare: () => Promise.resolve(environment),
    reloaded: (files) => void told.push(files),
    kept: () => {},
  });
  const done = reloader.changed(['predict.py']);
  for (let save = 0; save < 3; save += 1) void reloader.changed(['predict.py']);
  ends[0]?.();
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.();
  await done;
  expect(told).toEqual([['predict.py'], ['predict.py']]);
});
