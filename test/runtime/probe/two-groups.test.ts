/** The probe function before an API whose versions take turns between two target groups. */
import { rmSync } from 'node:fs';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { describeWith } from '../../setup/needs';
import { secretOfKeys } from '../secret';
import { serve } from '../serve';
import { deployedProbe, importProbe, type Probe } from './deployed';
import { TargetGroups } from './target-groups';

describeWith(['moto'], 'a body', () => {
  const emulator = secretOfKeys();
  let groups: TargetGroups;
  let probe: Probe;

  beforeEach(async () => {
    vi.unstubAllEnvs();
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const [name, value] of Object.entries(emulator.environment)) vi.stubEnv(name, value);
    groups = await TargetGroups.create();
    const variables = { ...groups.environment, BASE_PATH: '', TIMEOUT_MS: '5000' };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const folder = deployedProbe([]);
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    probe = await importProbe(folder);
  });

  test('goes to the version that callers get, whichever group it is in', async () => {
    const [one, other] = await Promise.all([serve({ handler: 'echo' }), serve({ handler: 'echo' })]);
    await groups.register('primary', one);
    await groups.register('alternate', other);
    const asked = async () => `http://${(await probe({ body: { value: 1 } })).target}`;
    expect(await asked()).toBe(one.url);
    await groups.weigh({ primary: 0, alternate: 100 });
    expect(await asked()).toBe(other.url);
    await groups.weigh({ primary: 90, alternate: 10 });
    expect(await asked()).toBe(one.url);
  });

  test('goes to the other group when nobody is ready where callers are led to', async () => {
    const only = await serve({ handler: 'echo' });
    await groups.register('alternate', only);
    expect(`http://${(await probe({ body: { value: 1 } })).target}`).toBe(only.url);
  });

  test('that reaches nobody is told of both groups at once', async () => {
    await expect(probe({ body: {} })).rejects.toThrow('no replica is ready: none is registered');
  });
});
