/** Samples before readiness, in a container: what a deployment gains by them, and what it is kept from. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelHandler } from 'cdk-model-api';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { type Declared, declare } from './declared';
import { modelWith } from './model-copy';
import { Replica } from './replica';

const BUILD_TIMEOUT_MS = 300_000;

/** Loads its weights when it is first called, as many a library does. */
const LAZY = `import time

WEIGHTS = []

def predict(divisor: int) -> float:
    quotient = 1 / divisor
    if not WEIGHTS:
        time.sleep(2)
        WEIGHTS.append(1)
    return quotient
`;

function modelWithSample(divisor: number): ModelHandler {
  const folder = modelWith({ 'predict.py': LAZY });
  mkdirSync(join(folder, 'samples'));
  writeFileSync(join(folder, 'samples', 'division.json'), JSON.stringify({ input: { divisor } }));
  return ModelHandler.fromDirectory(folder);
}

async function started(declared: Declared): Promise<Replica> {
  const replica = await Replica.run(declared);
  onTestFinished(() => replica.task.remove());
  return replica;
}

async function requestMs(replica: Replica): Promise<number> {
  const began = performance.now();
  expect(await replica.predict({ divisor: 2 })).toBe(0.5);
  return performance.now() - began;
}

describeWith(['docker'], 'samples', () => {
  test(
    'take the slow first call, so that no caller does',
    async () => {
      const handler = modelWithSample(1);
      const cold = declare(handler, { warmUp: false });
      const replicas = await Promise.all([started(declare(handler)), started(cold)]);
      expect(await requestMs(replicas[0])).toBeLessThan(1_000);
      expect(await requestMs(replicas[1])).toBeGreaterThan(2_000);
    },
    BUILD_TIMEOUT_MS,
  );

  test(
    'that the handler fails on end the task with 3 before it was ever ready, and the logs name the sample',
    async () => {
      const replica = Replica.start(declare(modelWithSample(0)));
      onTestFinished(() => replica.task.remove());
      const seen = new Set<number>();
      const watching = setInterval(async () => seen.add(await replica.readiness()), 50);
      expect(await replica.task.exited()).toBe(3);
      clearInterval(watching);
      expect(seen).toContain(503);
      expect(seen).not.toContain(200);
      expect(replica.task.logs()).toContain('samples/division.json');
      expect(replica.task.logs()).toContain('ZeroDivisionError');
    },
    BUILD_TIMEOUT_MS,
  );
});
