/** A replica on Managed Instances, run as its task definition says, but for the GPU that this machine has not. */
import { Size } from 'aws-cdk-lib';
import { Compute, ModelHandler } from 'cdk-model-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { declare } from './declared';
import { MODEL } from './model-copy';
import { Replica } from './replica';

const BUILD_TIMEOUT_MS = 300_000;

describeWith(['docker'], 'a replica on Managed Instances', () => {
  let replica: Replica;
  beforeAll(async () => {
    const compute = Compute.managedInstances({ cpu: 1500, memory: Size.mebibytes(3000), gpus: 1 });
    replica = await Replica.run(declare(ModelHandler.fromDirectory(MODEL), { compute }));
  }, BUILD_TIMEOUT_MS);
  afterAll(() => replica?.task.remove());

  test('predicts as the numeric user, without a capability', async () => {
    expect(await replica.predict({ do: 'identify' })).toMatchObject({ user: 10001, group: 10001 });
    expect(replica.task.exec('grep', 'CapEff', '/proc/1/status')).toContain('0000000000000000');
  });

  test.each(['/tmp/x', '/var/cache/model/x'])('can write %s', async (path) => {
    expect(await replica.predict({ do: 'write', path })).toBe('written');
  });

  test('cannot write elsewhere', async () => {
    expect(await replica.predict({ do: 'write', path: '/opt/model/x' })).toMatch(/Read-only|denied/);
  });

  test('has the memory that it was told, and no more', async () => {
    expect(await replica.predict({ do: 'allocate', mebibytes: 2400 })).toBe(2400 * 1024 * 1024);
    expect((await replica.post({ do: 'allocate', mebibytes: 6000 })).status).toBe(502);
  });

  test('is shown CUDA and NVML', () => {
    expect(replica.task.exec('printenv', 'NVIDIA_DRIVER_CAPABILITIES')).toBe('compute,utility');
  });

  test('passes the health check of its task', () => {
    expect(() => replica.task.exec(...replica.task.healthCheck)).not.toThrow();
  });
});
