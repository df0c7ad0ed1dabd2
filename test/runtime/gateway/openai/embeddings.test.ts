/** Embeddings on the wire: texts in, a vector for each out, as numbers and as base64. */
import { expect, test } from 'vitest';
import { ask, MODEL, serving } from './ask';

const LENGTHS =
  'openai = "embeddings"\ndef predict(input: list[str]) -> list[list[float]]:\n    return [[len(text), 0.5] for text in input]\n';

const vectorsOf = (json: { data: { embedding: unknown }[] }) => json.data.map(({ embedding }) => embedding);

test("a document has every member that OpenAI's has, a vector for each text in its place", async () => {
  const api = await serving(LENGTHS);
  expect((await ask(api, 'embeddings', { model: MODEL, input: ['a', 'bcd'] })).json).toEqual({
    object: 'list',
    data: [
      { object: 'embedding', index: 0, embedding: [1, 0.5] },
      { object: 'embedding', index: 1, embedding: [3, 0.5] },
    ],
    model: MODEL,
    usage: { prompt_tokens: 0, total_tokens: 0 },
  });
});

test('one string is a list of one', async () => {
  const api = await serving(LENGTHS);
  expect(vectorsOf((await ask(api, 'embeddings', { input: 'four' })).json)).toEqual([[4, 0.5]]);
});

test('base64 is of little-endian 32-bit floats', async () => {
  const api = await serving(LENGTHS);
  const { json } = await ask(api, 'embeddings', { input: 'four', encoding_format: 'base64' });
  expect(vectorsOf(json)).toEqual([Buffer.from([0, 0, 0x80, 0x40, 0, 0, 0, 0x3f]).toString('base64')]);
});

test('usage is what the handler says', async () => {
  const api = await serving(
    'openai = "embeddings"\ndef predict(input):\n    return {"embeddings": [[1.0]], "usage": {"prompt_tokens": 4}}\n',
  );
  expect((await ask(api, 'embeddings', { input: 'x' })).json.usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
});

test.each([
  [{ input: [1, 2] }, 'input'],
  [{ input: [[1], [2]] }, 'input'],
  [{ input: [] }, 'input'],
  [{}, 'input'],
  [{ input: 'x', encoding_format: 'hex' }, 'encoding_format'],
  [{ input: 'x', dimensions: 8 }, 'dimensions'],
])('%j is 400', async (body, param) => {
  const { status, json } = await ask(await serving(LENGTHS), 'embeddings', body);
  expect([status, json.error.type, json.error.param]).toEqual([400, 'invalid_request_error', param]);
});

test('dimensions reach a handler that names them', async () => {
  const api = await serving(
    'openai = "embeddings"\ndef predict(input: list[str], dimensions: int = 2):\n    return [[0.0] * dimensions for _ in input]\n',
  );
  expect(vectorsOf((await ask(api, 'embeddings', { input: 'x', dimensions: 3 })).json)).toEqual([[0, 0, 0]]);
});

test.each([
  ['[[1.0]]', /returned 1 vectors for 2 texts/],
  ['[1.0, 2.0]', /has to return a list of vectors/],
  ['"text"', /has to return a list of vectors/],
])('a handler that returns %s is told so', async (result, message) => {
  const api = await serving(`openai = "embeddings"\ndef predict(input):\n    return ${result}\n`);
  const { status, json } = await ask(api, 'embeddings', { input: ['a', 'b'] });
  expect([status, json.error.code]).toEqual([500, 'invalid_result']);
  expect(json.error.message).toMatch(message);
});

test('a generator is stopped when its vectors are refused', async () => {
  const predict =
    'openai = "embeddings"\ndef predict(input):\n    return ([0.5] for _ in iter(int, 1)) if input[0] else [[1.0]]\n';
  const api = await serving(predict);
  const { status, json } = await ask(api, 'embeddings', { input: 'a' });
  expect([status, json.error.message]).toEqual([500, expect.stringMatching(/has to return a list of vectors/)]);
  expect(vectorsOf((await ask(api, 'embeddings', { input: '' })).json)).toEqual([[1]]);
});
