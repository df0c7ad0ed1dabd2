/** How many replicas run, and what they follow. */
import { Lazy } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { type ConcurrencyScalingOptions, type ModelApiProps, ModelHandler, Scaling } from '../../lib';
import { declared, only } from './declaration';

const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';
const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';

function replicas(options?: ConcurrencyScalingOptions) {
  const { MinCapacity, MaxCapacity } = only(declared({ scaling: Scaling.onConcurrency(options) }), TARGET);
  return [MinCapacity, MaxCapacity];
}

function tracking(props: Partial<ModelApiProps> = {}) {
  return only(declared(props), POLICY).TargetTrackingScalingPolicyConfiguration;
}

describe('Scaling.onConcurrency', () => {
  test('runs 1 to 10 replicas unless it says otherwise', () => {
    expect(replicas()).toEqual([1, 10]);
    expect(replicas({ minReplicas: 2, maxReplicas: 4 })).toEqual([2, 4]);
    expect(replicas({ minReplicas: 20 })).toEqual([20, 20]);
  });

  test('follows the work that is offered to a replica', () => {
    expect(tracking({ apiName: 'iris' }).CustomizedMetricSpecification).toEqual({
      Namespace: 'ModelApi',
      MetricName: 'OfferedConcurrency',
      Dimensions: [{ Name: 'Api', Value: 'iris' }],
      Statistic: 'Average',
    });
  });

  test.each<[Partial<ModelApiProps>, number]>([
    [{}, 0.7],
    [{ concurrency: 10 }, 7],
    [{ workers: 2, concurrency: 10 }, 14],
    [{ concurrency: 10, scaling: Scaling.onConcurrency({ targetUtilization: 0.5 }) }, 5],
  ])('with %j keeps %d requests in a replica', (props, target) => {
    expect(tracking(props).TargetValue).toBeCloseTo(target);
  });

  test("counts on the handler's own concurrency when the API does not say", () => {
    class Told extends ModelHandler {
      public _bind() {
        return { image: ContainerImage.fromRegistry('model'), samples: [], concurrency: 100 };
      }
    }
    expect(tracking({ handler: new Told() }).TargetValue).toBeCloseTo(70);
    expect(tracking({ handler: new Told(), concurrency: 10 }).TargetValue).toBeCloseTo(7);
  });

  test('adds quickly and takes away slowly', () => {
    expect(tracking()).toMatchObject({ ScaleOutCooldown: 60, ScaleInCooldown: 300 });
  });

  test.each<[ConcurrencyScalingOptions, string]>([
    [
      { minReplicas: 0 },
      '[Stack/Api] minReplicas must be at least 1 (got 0): with no replica nothing measures the demand for one. Use 1',
    ],
    [{ minReplicas: 1.5 }, '[Stack/Api] minReplicas must be an integer of at least 1 (got 1.5)'],
    [{ minReplicas: 5, maxReplicas: 2 }, '[Stack/Api] minReplicas (5) must not exceed maxReplicas (2)'],
    [{ maxReplicas: 0 }, '[Stack/Api] maxReplicas must be an integer of at least 1 (got 0)'],
    [{ targetUtilization: 0 }, '[Stack/Api] targetUtilization must be above 0 and at most 1 (got 0)'],
    [
      { targetUtilization: Lazy.number({ produce: () => 0.5 }) },
      '[Stack/Api] targetUtilization must be known at synth: the scaling target is computed from it',
    ],
    [{ targetUtilization: 1.1 }, '[Stack/Api] targetUtilization must be above 0 and at most 1 (got 1.1)'],
  ])('refuses %j', (options, message) => {
    expect(() => replicas(options)).toThrow(message);
  });
});
