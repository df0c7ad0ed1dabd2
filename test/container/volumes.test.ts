/** Fargate's empty volumes as these tests mount them: without it, a Dockerfile that forgot its VOLUMEs would pass. */
import { ModelHandler } from 'cdk-model-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { declare } from './declared';
import { MODEL } from './model-copy';
import { Replica } from './replica';

const BUILD_TIMEOUT_MS = 300_000;

describeWith(['docker'], 'an empty volume', () => {
  let replica: Replica;
  beforeAll(async () => {
    const { task, image } = declare(ModelHandler.fromDirectory(MODEL));
    const [container] = task.ContainerDefinitions;
    const undeclared = { ContainerPath: '/mnt', ReadOnly: false, SourceVolume: 'mnt' };
    const mounted = { ...container, MountPoints: [...container.MountPoints, undeclared] };
    replica = await Replica.run({ image, task: { ...task, ContainerDefinitions: [mounted] } });
  }, BUILD_TIMEOUT_MS);
  afterAll(() => replica?.task.remove());

  test("is the user's where the image declares it", () => {
    expect(replica.task.exec('stat', '--format', '%u %a', '/var/cache/model')).toBe('10001 755');
  });

  test("is root's elsewhere", () => {
    expect(replica.task.exec('stat', '--format', '%u %a', '/mnt')).toBe('0 755');
  });
});
