/** The examples that are about serving do what their READMEs say, by the gateway that would serve them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { PATH_VARIABLES } from '../../runtime/contract/manifest';
import { serve } from '../runtime/serve';
import { pythonWith } from '../runtime/worker/python';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');
const BATCH = join(EXAMPLES, 'batch', 'model');
const STREAM = join(EXAMPLES, 'stream', 'model');

const samplesOf = (model: string) =>
  readdirSync(join(model, 'samples')).map((file) => JSON.parse(readFileSync(join(model, 'samples', file), 'utf8')));

let python: string;

// Makes the virtual environment when it is not there yet.
beforeAll(() => {
  python = pythonWith(join(BATCH, 'requirements.txt'));
}, 300_000);

test('batch: requests of one time get the answers of their samples, and of iris for the same flowers', async () => {
  const api = await serve({ handler: BATCH, env: { [PATH_VARIABLES.python]: python } });
  const own = samplesOf(BATCH);
  const others = samplesOf(join(EXAMPLES, 'iris', 'model'));
  const asked = [...own.map(({ input }) => input), ...others.map(({ input }) => ({ flower: Object.values(input) }))];
  const replies = await Promise.all(asked.map((input) => api.post(input)));
  const expected = [...own.map(({ output }) => output), ...others.map(({ output }) => output.label)];
  expect(replies.map(({ json }) => json)).toEqual(expected);
});

test('stream: the same seed writes the same words, to native callers and to those of OpenAI', async () => {
  const api = await serve({ handler: STREAM });
  const [{ input }] = samplesOf(STREAM);
  const { json: words } = await api.post(input, { accept: 'application/json' });
  expect(words).toHaveLength(input.max_tokens);
  const body = JSON.stringify(input);
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${api.url}/v1/completions`, { method: 'POST', headers, body });
  expect(await reply.json()).toMatchObject({ choices: [{ text: words.join('') }] });
});
