/** The OpenAPI document of a handler, whose schemas and samples it carries. */
import { expect, test } from 'vitest';
import { hoist } from '../../../runtime/gateway/hoist';
import { serve } from '../serve';
import { handler } from '../worker/handlers';

const PREDICT = `from dataclasses import dataclass

@dataclass
class Flower:
    name: str
    petal: float = 0

def predict(flower: Flower) -> list[Flower]:
    return [flower]
`;

test('definitions are components, and the path follows the base path', async () => {
  const api = await serve({ handler: handler(PREDICT), overlay: { name: 'iris', version: '7', basePath: '/iris' } });
  const { json, headers } = await api.request('/iris/openapi.json');
  expect(headers.get('content-type')).toBe('application/json');
  expect(json).toMatchObject({ openapi: '3.1.0', info: { title: 'iris', version: '7' }, servers: [{ url: '/iris' }] });
  const { schemas } = json.components;
  expect(Object.keys(schemas).sort()).toEqual([
    'Flower',
    'PredictInput',
    'PredictOutput',
    'PredictOutputFlower',
    'Problem',
  ]);
  // Coming in, a field with a default may be left out; going out it is always there.
  expect([schemas.Flower.required, schemas.PredictOutputFlower.required]).toEqual([['name'], ['name', 'petal']]);
  expect(schemas.PredictInput.properties.flower).toEqual({ $ref: '#/components/schemas/Flower' });
  expect(schemas.PredictOutput.items).toEqual({ $ref: '#/components/schemas/PredictOutputFlower' });
  expect(json.paths['/predict'].post.operationId).toBe('predict');
});

test('every reference of the document leads somewhere', async () => {
  const api = await serve({ handler: handler(PREDICT) });
  const { json, text } = await api.request('/openapi.json');
  const targets = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => (path as string).split('/'));
  expect(targets.length).toBeGreaterThan(5);
  for (const steps of targets) expect(steps.reduce((node, step) => node[step], json)).toBeTypeOf('object');
});

test('samples are its examples; a bad one is left out and told why', async () => {
  const samples = {
    'samples/setosa.json': '{"input": {"flower": {"name": "setosa"}}, "output": [{"name": "setosa", "petal": 0}]}',
    'samples/unanswered.json': '{"input": {"flower": {"name": "other"}}}',
    'samples/broken.json': '{"input": ',
    'samples/bare.json': '{"flower": {"name": "setosa"}}',
    'samples/misfit.json': '{"input": {"flower": {"name": 5}}}',
    'samples/notes.txt': 'not a sample',
  };
  const api = await serve({ handler: handler(PREDICT, samples) });
  const { post } = (await api.request('/openapi.json')).json.paths['/predict'];
  const { examples } = post.requestBody.content['application/json'];
  expect(Object.keys(examples)).toEqual(['setosa', 'unanswered']);
  expect(Object.keys(post.responses['200'].content['application/json'].examples)).toEqual(['setosa']);
  expect(
    api
      .events('sample_ignored')
      .map(({ msg }) => msg)
      .sort(),
  ).toEqual([
    'samples/bare.json is not a sample: expected {"input": {...}} and, if it is known, "output"',
    expect.stringMatching(/^samples\/broken\.json is not JSON: \w/),
    'samples/misfit.json does not fit the handler: $.flower.name: expected string, got integer',
  ]);
});

test('a stream has the schema of its items, and as JSON is an array of them', async () => {
  const streams = PREDICT.replace('-> list[Flower]:', '-> Iterator[Flower]:').replace(
    'return [flower]',
    'yield flower',
  );
  const samples = {
    'samples/setosa.json': '{"input": {"flower": {"name": "setosa"}}, "output": [{"name": "setosa", "petal": 0}]}',
  };
  const api = await serve({ handler: handler(`from collections.abc import Iterator\n${streams}`, samples) });
  const { paths, components } = (await api.request('/openapi.json')).json;
  const item = { $ref: '#/components/schemas/PredictOutput' };
  expect(components.schemas.PredictOutput).toEqual({ $ref: '#/components/schemas/PredictOutputFlower' });
  expect(paths['/predict'].post.responses['200'].content).toEqual({
    'text/event-stream': { schema: item },
    'application/x-ndjson': { schema: item },
    'application/json': {
      schema: { type: 'array', items: item },
      examples: { setosa: { value: [{ name: 'setosa', petal: 0 }] } },
    },
  });
});

test('a definition that differs going in and coming out is two components', () => {
  const input = { $defs: { X: { type: 'string' } }, properties: { x: { $ref: '#/$defs/X' } } };
  const output = { $defs: { X: { type: 'number' } }, $ref: '#/$defs/X' };
  expect(hoist({ In: input, Out: output }, {})).toEqual({
    In: { properties: { x: { $ref: '#/components/schemas/X' } } },
    Out: { $ref: '#/components/schemas/OutX' },
    X: { type: 'string' },
    OutX: { type: 'number' },
  });
});

test('what only looks like a reference is left alone', () => {
  const schema = {
    $defs: { 'List[int]': { type: 'array' } },
    properties: { $ref: { type: 'string' }, default: { $ref: '#/$defs/List[int]' } },
    default: { $ref: '#/$defs/List[int]' },
  };
  expect(hoist({ In: schema }, {}).In).toEqual({
    properties: { $ref: { type: 'string' }, default: { $ref: '#/components/schemas/List_int_' } },
    default: { $ref: '#/$defs/List[int]' },
  });
});
