/** The main line from end to end: the example's declaration becomes a task that answers with the model's predictions. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import IrisStack from '../../examples/iris/stack';
import { describeWith } from '../setup/needs';
import { declareIn } from './declared';
import { Replica } from './replica';

const SAMPLES = join(__dirname, '../../examples/iris/model/samples');
const BUILD_TIMEOUT_MS = 300_000;

describeWith(['docker'], 'examples/iris in its container', () => {
  let replica: Replica;
  beforeAll(async () => {
    replica = await Replica.run(declareIn((app) => void new IrisStack(app, 'Iris')));
  }, BUILD_TIMEOUT_MS);
  afterAll(() => replica?.task.remove());

  test.each(readdirSync(SAMPLES))('%s is answered as the sample says', async (name) => {
    const { input, output } = JSON.parse(readFileSync(join(SAMPLES, name), 'utf8'));
    expect(await replica.predict(input)).toEqual(output);
  });
});
