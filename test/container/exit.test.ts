/** A model that cannot be loaded: the task must end, for a replica that lingers costs a deployment its whole grace. */
import { ModelHandler } from 'cdk-model-api';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { declare } from './declared';
import { modelWith } from './model-copy';
import { runTask } from './run-task';

const BUILD_TIMEOUT_MS = 300_000;

describeWith(['docker'], 'a model that cannot be loaded', () => {
  test(
    "ends the task with 3, and the logs show the user's line",
    async () => {
      const folder = modelWith({ 'predict.py': 'import no_such_package\n' });
      const { task, image } = declare(ModelHandler.fromDirectory(folder));
      const replica = runTask(task, image);
      onTestFinished(() => replica.remove());
      expect(await replica.exited()).toBe(3);
      expect(replica.logs()).toMatch(/No module named 'no_such_package'/);
      expect(replica.logs()).toContain('/opt/model/predict.py');
    },
    BUILD_TIMEOUT_MS,
  );
});
