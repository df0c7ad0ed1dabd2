/** What a replica may do and what it may not, run as its task definition says. */
import { ModelHandler } from 'cdk-model-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MANAGEMENT_PORT } from '../../runtime/contract/manifest';
import { describeWith } from '../setup/needs';
import { declare } from './declared';
import { MODEL } from './model-copy';
import { pause, Replica } from './replica';

const BUILD_TIMEOUT_MS = 300_000;

describeWith(['docker'], 'a replica of the task definition', () => {
  let replica: Replica;
  beforeAll(async () => {
    replica = await Replica.run(declare(ModelHandler.fromDirectory(MODEL)));
  }, BUILD_TIMEOUT_MS);
  afterAll(() => replica?.task.remove());

  test('runs as the numeric user, on the Python of the directory', async () => {
    const seen = await replica.predict({ do: 'identify' });
    expect(seen).toMatchObject({
      user: 10001,
      group: 10001,
      groups: [10001],
      python: expect.stringMatching(/^3\.11\./),
    });
  });

  test.each(['/opt/model/x', '/opt/venv/x', '/usr/local/bin/x', '/var/tmp/x', '/x'])(
    'cannot write %s',
    async (path) => {
      expect(await replica.predict({ do: 'write', path })).toMatch(/Read-only file system|Permission denied/);
    },
  );

  test.each(['/tmp/x', '/var/cache/model/x'])('can write %s', async (path) => {
    expect(await replica.predict({ do: 'write', path })).toBe('written');
  });

  test('has no capability left', () => {
    expect(replica.task.exec('grep', 'Cap', '/proc/1/status').match(/[0-9a-f]{16}/g)).toEqual(
      Array(5).fill('0'.repeat(16)),
    );
  });

  test('the health check of the task passes inside', () => {
    expect(() => replica.task.exec(...replica.task.healthCheck)).not.toThrow();
  });

  test('management answers on its own port, and predictions on theirs', async () => {
    const management = `${replica.task.origin}:${MANAGEMENT_PORT}`;
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect([path, await replica.status(management + path)]).toEqual([path, 200]);
      expect([path, await replica.status(replica.url + path)]).toEqual([path, 404]);
    }
    expect(await replica.status(`${management}/predict`)).toBe(404);
  });

  test('an orphan that a handler leaves is reaped', async () => {
    const orphan = await replica.predict({ do: 'orphan', seconds: 1 });
    expect(replica.task.exec('cat', `/proc/${orphan}/stat`).split(' ')[3]).toBe('1');
    const gone = () => replica.task.exec('sh', '-c', `test -e /proc/${orphan} || echo gone`) === 'gone';
    while (!gone()) await pause(100);
  });

  test('more memory than the task has costs the request and not the replica', async () => {
    const { status } = await replica.post({ do: 'allocate', mebibytes: 3 * 1024 });
    expect(status).toBe(502);
    while (!(await replica.isReady())) await pause(100);
    expect(await replica.predict({ do: 'allocate', mebibytes: 1 })).toBe(1024 * 1024);
  });
});
