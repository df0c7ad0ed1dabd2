import Ajv from 'ajv/dist/2020';
import { ModelPlatform } from 'cdk-model-api';
import { expect, test } from 'vitest';
import { testApp } from '../../lib/assembly';
import { apiIn, stackIn } from '../../lib/declaration';
import { estimateOf } from './estimate';
import { FleetStack } from './fleet-app';

const number = { type: 'number', minimum: 0 } as const;
const text = { type: 'string', minLength: 1 } as const;
const object = (properties: object) => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
});
const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const list = (items: object) => ({ type: 'array', items });

const columns = { idle: number, target: number, max: number };
const perMillion = orNull(object({ target: number, max: number }));
const items = list(object({ label: text, ...columns }));

/** What scripts may rely on. */
const SCHEMA = object({
  currency: { const: 'USD' },
  prices: object({
    date: text,
    source: text,
    overriddenBy: orNull(object({ file: text, date: orNull(text), source: orNull(text), unused: list(text) })),
  }),
  predictMs: number,
  assumptions: list(text),
  leftOut: list(text),
  apis: list(
    object({
      name: text,
      stack: text,
      region: text,
      compute: text,
      replica: object({ vcpus: number, memoryGiB: number, gpus: number }),
      replicas: object(columns),
      predictionsPerSecond: orNull(object(columns)),
      rateBasis: text,
      fleets: list(
        object({
          name: text,
          kind: { enum: ['ec2', 'managed'] },
          instance: text,
          maxInstances: orNull(number),
          shareOfMostReplicas: number,
        }),
      ),
      month: object({ items, shared: object(columns), total: object(columns) }),
      perMillion,
      sagemaker: orNull(
        object({
          instance: { type: 'string', pattern: '^ml\\.' },
          vcpus: number,
          memoryGiB: number,
          comparedBy: { enum: ['same instance', 'nearest size'] },
          instances: object(columns),
          month: object(columns),
          perMillion,
        }),
      ),
      notes: list(text),
    }),
  ),
  shared: list(object({ apis: list(text), split: { const: 'evenly' }, items, total: object(columns) })),
});

test('the document of --json has one form for every kind of compute', async () => {
  const validate = new Ajv({ strict: false }).compile(SCHEMA);
  const app = testApp();
  const stack = stackIn(app);
  const platform = new ModelPlatform(stack, 'Platform');
  for (const name of ['a', 'b']) apiIn(stack, { platform, path: `/${name}` }, name);
  const fleet = new FleetStack(app);
  fleet.api('Iris', { provider: fleet.group('g5.xlarge', { min: 1, max: 2 }), gpus: 1 });
  const document = await estimateOf(app);
  expect(document.apis).toHaveLength(3);
  validate(document);
  expect(validate.errors).toBeNull();
});
