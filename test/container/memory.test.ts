/** A handler that uses up the container's memory: the request that did is told so, and the task lives on. */
import { ModelHandler } from 'cdk-model-api';
import { expect, onTestFinished, test } from 'vitest';
import { MANAGEMENT_PORT } from '../../runtime/contract/manifest';
import { describeWith } from '../setup/needs';
import { declare } from './declared';
import { modelWith } from './model-copy';
import { pause, Replica } from './replica';

const BUILD_TIMEOUT_MS = 300_000;

/** Far more than the smallest task has, touched page by page. */
const GREEDY = `def predict(mebibytes: int = 0) -> int:
    return len([b"x" * 1048576 for _ in range(mebibytes)])
`;

describeWith(['docker'], 'memory', () => {
  test(
    'that is used up costs the request that used it, which is told the limit; the next is served',
    async () => {
      const replica = await Replica.run(declare(ModelHandler.fromDirectory(modelWith({ 'predict.py': GREEDY }))));
      onTestFinished(() => replica.task.remove());
      expect(await replica.predict({ mebibytes: 1 })).toBe(1);
      const { status, answer } = await replica.post({ mebibytes: 1_000_000 });
      expect(status).toBe(502);
      expect(answer).toMatchObject({ code: 'worker_died' });
      expect((answer as { detail: string }).detail).toMatch(
        /was killed by the kernel: the container's memory of \d+ MiB was used up\.$/,
      );
      while (!(await replica.isReady())) await pause(50);
      expect(await replica.predict({ mebibytes: 1 })).toBe(1);
      expect(replica.task.logs()).toContain('"event":"worker_lost"');
      expect(await metricsOf(replica)).toContain('model_api_worker_restarts_total{reason="oom"} 1\n');
    },
    BUILD_TIMEOUT_MS,
  );
});

async function metricsOf(replica: Replica): Promise<string> {
  return (await fetch(`${replica.task.origin}:${MANAGEMENT_PORT}/metrics`)).text();
}
