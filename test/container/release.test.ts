/** New versions under load: a changed config and a changed model each replace every replica, and callers notice nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelHandler } from 'cdk-model-api';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { Callers } from './callers';
import { type Declared, declare } from './declared';
import { Fleet } from './fleet';
import { MODEL, modelWith } from './model-copy';
import { ask } from './request';

const RELEASES_TIMEOUT_MS = 300_000;

/** The test model, which says of itself that it is the second version of its code. */
function secondModel(): string {
  const code = readFileSync(join(MODEL, 'predict.py'), 'utf8');
  return modelWith({ 'predict.py': code.replace('CODE = "first"', 'CODE = "second"') });
}

function release(directory: string, greeting: string) {
  return declare(ModelHandler.fromDirectory(directory), { config: { greeting } });
}

/** The image as the template names it. The engine's id differs when another suite builds the same at that moment. */
const assetOf = ({ task }: Declared) => task.ContainerDefinitions[0].Image;

/** Each answer once, in the order of its first appearance. */
function distinct(answers: readonly { readonly answer: unknown }[]): unknown[] {
  return [...new Set(answers.map(({ answer }) => JSON.stringify(answer)))].map((answer) => JSON.parse(answer));
}

describeWith(['docker', 'nginx'], 'a release under load', () => {
  test(
    'of another config, then of another model, costs no request, and every old replica exits 0',
    async () => {
      const [first, configured, second] = [
        release(MODEL, 'hello'),
        release(MODEL, 'hallo'),
        release(secondModel(), 'hallo'),
      ];
      expect(assetOf(configured)).toEqual(assetOf(first));
      expect(assetOf(second)).not.toEqual(assetOf(first));

      const fleet = await Fleet.start(first);
      onTestFinished(() => fleet.remove());
      const callers = new Callers(8, async () => {
        const { status, body } = await ask(fleet.url, '/predict', { body: { do: 'tell', seconds: 0.01 } });
        return { status, answer: body };
      });
      onTestFinished(() => callers.leave());
      await callers.more(100);
      for (const version of [configured, second]) {
        await fleet.release(version);
        // Whatever was under way at that moment.
        await callers.more(8);
        const since = callers.answers.length;
        await callers.more(100);
        expect(distinct(callers.answers.slice(since))).toHaveLength(1);
      }
      await callers.leave();

      expect(callers.failed).toEqual([]);
      expect(distinct(callers.answers)).toEqual([
        { code: 'first', config: { greeting: 'hello' } },
        { code: 'first', config: { greeting: 'hallo' } },
        { code: 'second', config: { greeting: 'hallo' } },
      ]);
      const ends = await Promise.all(fleet.stopped);
      expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
      console.log(`${callers.answers.length} requests during two releases`);
    },
    RELEASES_TIMEOUT_MS,
  );
});
