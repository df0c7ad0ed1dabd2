/**
 * Replicas as the task definitions for EC2 instances, managed or not, say, run by the local engine. A GPU is asked of the engine where this
 * machine has one; where it has none the requirement alone is left out.
 */
import { Size } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Compute, ModelHandler } from 'cdk-model-api';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { timing } from '../../runtime/contract/timing';
import { describeWith } from '../setup/needs';
import { Callers } from './callers';
import { type Declared, declare } from './declared';
import { docker } from './docker';
import { MODEL } from './model-copy';
import { pause, Replica } from './replica';
import { hasGpus } from './run-task';

const BUILD_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 120_000;

/** After a replica says that it is unready, balancers still send for a while. */
const LATE_MS = 3_000;

const { serveOn, stopTimeout } = timing({ requestTimeout: 55, loadTimeout: 600 });

/** No larger than a small machine that runs tests. */
const size = { cpu: 1024, memory: Size.gibibytes(2) };

const KINDS: Record<string, Compute> = {
  'an instance': Compute.ec2({ instanceTypes: [new InstanceType('m7i.large')], ...size }),
  [hasGpus() ? 'an instance with GPUs' : 'an instance with GPUs, of which this machine has none to give']: Compute.gpu({
    instanceType: new InstanceType('g5.xlarge'),
    sharedMemory: Size.mebibytes(512),
    ...size,
  }),
  'a managed instance': Compute.managedInstances(size),
  'a managed instance with a GPU': Compute.managedInstances({ ...size, gpus: 1 }),
};

const declaredOn = (compute: Compute) => declare(ModelHandler.fromDirectory(MODEL), { compute });

for (const [name, compute] of Object.entries(KINDS)) {
  describeWith(['docker'], `a replica on ${name}`, () => {
    let replica: Replica;
    beforeAll(async () => {
      replica = await Replica.run(declaredOn(compute));
    }, BUILD_TIMEOUT_MS);
    afterAll(() => replica?.task.remove());

    test('predicts, as the numeric user, in the region of its stack', async () => {
      expect(await replica.predict({ do: 'identify' })).toMatchObject({ user: 10001, group: 10001, groups: [10001] });
      expect(replica.task.exec('printenv', 'AWS_REGION')).toBe('eu-central-1');
    });

    test('writes to its scratch and nowhere else, and has no capability left', async () => {
      expect(await replica.predict({ do: 'write', path: '/tmp/x' })).toBe('written');
      expect(await replica.predict({ do: 'write', path: '/var/cache/model/x' })).toBe('written');
      expect(await replica.predict({ do: 'write', path: '/opt/model/x' })).toMatch(/Read-only file system/);
      expect(replica.task.exec('grep', 'CapEff', '/proc/1/status')).toMatch(/\s0{16}$/);
    });

    test('the health check of the task passes inside', () => {
      expect(() => replica.task.exec(...replica.task.healthCheck)).not.toThrow();
    });

    test(
      'that is stopped answers every request that it took, and exits 0 in time',
      async () => {
        const callers = new Callers(8, () => replica.post({ do: 'wait', seconds: 0.01 }));
        await callers.more(100);
        const stopped = replica.task.stop();
        while (await replica.isReady()) await pause(50);
        await pause(LATE_MS);
        await callers.leave();
        expect(callers.failed).toEqual([]);
        expect(await replica.post({ do: 'wait', seconds: serveOn })).toEqual({ status: 200, answer: 'waited' });
        const { exitCode, seconds } = await stopped;
        expect(exitCode).toBe(0);
        expect(seconds).toBeLessThan(stopTimeout);
      },
      STOP_TIMEOUT_MS,
    );
  });
}

describeWith(['docker'], 'replicas with GPUs on one instance', () => {
  test(
    'share what they download, as its owners, and the memory that was said among the processes of each',
    async () => {
      const declared = declaredOn(KINDS[Object.keys(KINDS)[1] as string] as Compute);
      onTestFinished(() => void docker('volume', 'rm', '--force', cacheOf(declared)));
      const replicas = [await Replica.run(declared), await Replica.run(declared)];
      onTestFinished(() => {
        for (const { task } of replicas) task.remove();
      });
      const [one, other] = replicas as [Replica, Replica];
      expect(one.task.exec('stat', '--format', '%u %a', '/var/cache/model')).toBe('10001 755');
      expect(await one.predict({ do: 'write', path: '/var/cache/model/weights' })).toBe('written');
      expect(other.task.exec('cat', '/var/cache/model/weights')).toBe('x');
      expect(await one.predict({ do: 'write', path: '/tmp/own' })).toBe('written');
      expect(other.task.exec('sh', '-c', 'test -e /tmp/own || echo none')).toBe('none');
      expect(one.task.exec('sh', '-c', 'df -m /dev/shm | tail -1')).toMatch(/^shm\s+512\s/);
    },
    BUILD_TIMEOUT_MS,
  );
});

function cacheOf({ task }: Declared): string {
  return task.Volumes.find((volume) => volume.DockerVolumeConfiguration !== undefined)?.Name ?? '';
}
