/** What plain JavaScript may leave out, or give as something else: refused where it was said, in words about it. */
import { describe, expect, test } from 'vitest';
import { Access, ModelApi, Scaling } from '../../lib';
import { apiIn, declared, stackIn } from './declaration';

const HANDLER = "handler must be a ModelHandler, such as ModelHandler.fromDirectory('models/iris')";
const ACCESS = 'access must be an Access, such as Access.internal()';

describe('an API', () => {
  test('without props is told of all that it needs', () => {
    expect(() => new ModelApi(stackIn(), 'Api', undefined as never)).toThrow(
      `[Stack/Api] ${HANDLER} (got undefined)\n[Stack/Api] ${ACCESS} (got undefined)`,
    );
  });

  test.each<[string, unknown, string]>([
    ['handler', undefined, `${HANDLER} (got undefined)`],
    ['handler', 'models/iris', `${HANDLER} (got models/iris)`],
    ['access', undefined, `${ACCESS} (got undefined)`],
    ['access', () => undefined, `${ACCESS} (got a function)`],
    [
      'platform',
      {},
      "platform must be a ModelPlatform, such as new ModelPlatform(stack, 'Platform') (got an object of Object)",
    ],
    ['compute', 'fargate', 'compute must be a Compute, such as Compute.fargate() (got fargate)'],
    [
      'scaling',
      { minReplicas: 2 },
      'scaling must be a Scaling, such as Scaling.onConcurrency({ minReplicas: 2 }) (got an object of Object)',
    ],
    ['rollout', null, 'rollout must be a Rollout, such as Rollout.rolling() (got null)'],
    ['monitoring', 1, 'monitoring must be a Monitoring, such as Monitoring.standard({ topic }) (got 1)'],
  ])('with another %s than the types allow is refused: %s', (name, value, message) => {
    expect(() => declared({ [name]: value })).toThrow(`[Stack/Api] ${message}`);
  });

  test('may have every part that it can do without left out', () => {
    const left = { platform: undefined, compute: undefined, scaling: undefined, monitoring: undefined };
    expect(() => apiIn(stackIn(), { ...left, rollout: undefined })).not.toThrow();
  });
});

test('Access.public without options is refused', () => {
  expect(() => declared({ access: Access.public(undefined as never) })).toThrow(
    '[Stack/Api] Access.public() needs auth: give one, or say Auth.none() aloud',
  );
});

test.each([
  ['onRequests', 'requestsPerMinute must be a number above 0 (got undefined)'],
  ['onMetric', 'metric must be a metric, such as'],
] as const)('Scaling.%s without options is refused', (kind, message) => {
  expect(() => declared({ scaling: Scaling[kind](undefined as never) })).toThrow(`[Stack/Api] ${message}`);
});
