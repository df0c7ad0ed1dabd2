/** What the memory of a gateway shows of keys: nothing, some moments after they were read or sent. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../../setup/needs';
import { until } from '../gate';
import { secretOfKeys } from '../secret';

const KEY = 'the-key-that-callers-use';
const UNUSED = 'the-key-that-nobody-uses';
const UNKNOWN = 'a-key-that-nobody-has';
const TAKEN_OUT = 'the-key-that-was-taken-out';

/** What a gateway must be started with, and how to take the snapshot then: Node writes it on a signal. */
function snapshots() {
  const folder = mkdtempSync(join(tmpdir(), 'heap-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}` };
  const text = () => readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))[0] ?? '';
  const written = async () => {
    await until(() => text().endsWith(']}'));
    return text();
  };
  return { env, written };
}

describeWith(['moto'], 'the memory of a gateway', () => {
  const secret = secretOfKeys();

  test('holds no key of the secret and none that a caller sent', async () => {
    const { env, written } = snapshots();
    await secret.put({ 'team-a': [KEY, TAKEN_OUT], 'team-b': UNUSED });
    const api = await secret.serve({ env });
    await until(async () => (await api.manage('/readyz')).status === 200);
    expect((await api.post({ value: 1 }, { 'x-api-key': KEY })).status).toBe(200);
    await secret.put({ 'team-a': KEY, 'team-b': UNUSED });
    expect((await api.post({ value: 1 }, { authorization: `Bearer ${UNKNOWN}` })).status).toBe(401);
    await api.manage('/healthz');
    api.signal('SIGUSR2');
    const heap = await written();
    // It is the heap, and such strings are found in it.
    expect(heap.includes(secret.arn)).toBe(true);
    expect([KEY, UNUSED, UNKNOWN, TAKEN_OUT].filter((key) => heap.includes(key))).toEqual([]);
  });
});
