/** Whether instances have room for what scaling and rollouts ask for: of one API, and of all that share a fleet. */
import { Lazy, Size, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, test } from 'vitest';
import {
  Compute,
  type Ec2Options,
  type FleetOptions,
  ModelFleet,
  ModelPlatform,
  Rollout,
  Scaling,
  type ScalingOptions,
} from '../../../lib';
import { instancesFor } from '../../../lib/compute/packing';
import { apiIn, only, sampled, stackIn, warningsOf } from '../declaration';

const G5 = new InstanceType('g5.xlarge');

interface Asked {
  readonly scaling: ScalingOptions;
  readonly rollout?: Rollout;
}

const propsOf = ({ scaling, rollout }: Asked) => ({
  scaling: Scaling.onConcurrency(scaling),
  rollout,
  ...(rollout && { handler: sampled }),
});

/** One replica on each instance. */
function alone(maxInstances: number, asked: Asked): Stack {
  const stack = stackIn();
  apiIn(stack, { compute: Compute.gpu({ instanceType: G5, maxInstances }), ...propsOf(asked) });
  return stack;
}

const morning = Schedule.cron({ hour: '8', minute: '0' });
const LINEAR = Rollout.linear();

describe('an API alone', () => {
  test.each<[string, number, Asked, string]>([
    [
      'more replicas than there ever is room for',
      1,
      { scaling: { minReplicas: 4, maxReplicas: 4 } },
      'scaling keeps 4 replicas (minReplicas, schedules), and 1 instances (maxInstances) hold 1: the others never start. Raise maxInstances to 4, or lower minReplicas',
    ],
    [
      'as many by a schedule',
      3,
      { scaling: { maxReplicas: 2, schedules: [{ schedule: morning, minReplicas: 5, maxReplicas: 9 }] } },
      'scaling keeps 5 replicas (minReplicas, schedules), and 3 instances (maxInstances) hold 3',
    ],
    [
      'a maximum that only the deployment knows',
      2,
      { scaling: { maxReplicas: Lazy.number({ produce: () => 9 }) } },
      'maxReplicas of scaling must be known at synth on EC2 instances: whether they have room for a deployment follows it',
    ],
    [
      'two versions of more than half of the room',
      5,
      { scaling: { minReplicas: 4, maxReplicas: 4 }, rollout: LINEAR },
      'Rollout.linear() runs all new replicas beside all old ones, compute holds 5, and scaling never has fewer than 4 (minReplicas): no deployment would get through. Raise maxInstances of compute until 8 fit',
    ],
  ])('that asks for %s is refused', (_, maxInstances, asked, message) => {
    expect(() => alone(maxInstances, asked)).toThrow(`[Stack/Api] ${message}`);
  });

  test('may lead callers over at a time when a schedule keeps few', () => {
    const scaling = { minReplicas: 1, maxReplicas: 4, schedules: [{ schedule: morning, minReplicas: 4 }] };
    expect(warningsOf(alone(5, { scaling, rollout: LINEAR }))).toEqual(['cdk-model-api:rolloutNeedsRoom']);
  });

  test('has as many instances as always run, also where its replicas need fewer', () => {
    const stack = stackIn();
    const compute = Compute.gpu({ instanceType: G5, minInstances: 7 });
    apiIn(stack, { compute, scaling: Scaling.onConcurrency({ maxReplicas: 2 }) });
    expect(only(Template.fromStack(stack), 'AWS::AutoScaling::AutoScalingGroup')).toMatchObject({
      MinSize: '7',
      MaxSize: '7',
    });
  });
});

describe('APIs on a shared fleet', () => {
  function shared(asked: readonly Asked[], options: FleetOptions = { maxInstances: 4 }): Stack {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    const fleet = new ModelFleet(stack, 'Fleet', { platform, instanceTypes: [G5], ...options });
    for (const [index, one] of asked.entries()) {
      const id = 'ABC'[index] as string;
      apiIn(stack, { platform, path: `/${id}`, compute: Compute.gpu({ fleet }), ...propsOf(one) }, id);
    }
    return stack;
  }

  const always = (replicas: number, rollout?: Rollout): Asked => ({
    scaling: { minReplicas: replicas, maxReplicas: replicas },
    rollout,
  });
  const upTo = (maxReplicas: number, rollout?: Rollout): Asked => ({ scaling: { maxReplicas }, rollout });

  test('may not keep more replicas than it holds', () => {
    expect(() => Template.fromStack(shared([always(3), always(3)]))).toThrow(
      '[Stack/Fleet] 3 of Stack/A, 3 of Stack/B replicas are the fewest (minReplicas) and need 6 instances together, and the fleet has at most 4: the others never start. Raise maxInstances to 6, or lower minReplicas',
    );
  });

  test('may not lead callers over where two versions of one never fit beside the others', () => {
    expect(() => Template.fromStack(shared([always(2), always(1, LINEAR), always(1)]))).toThrow(
      '[Stack/Fleet] the rollout of Stack/B runs all new replicas beside all old ones, and with the fewest of 2 of Stack/A, 1 of Stack/B, 1 of Stack/C (minReplicas) that takes 5 instances of at most 4: no deployment would get through. Raise maxInstances to 5',
    );
  });

  test.each<[string, Asked[], string]>([
    [
      'for all that scaling may ask for',
      [upTo(3), upTo(3)],
      '3 of Stack/A, 3 of Stack/B replicas (maxReplicas) need 6 instances together: beyond 4 (maxInstances) .* Raise maxInstances to 7, or',
    ],
    [
      'for a new replica beside all old ones',
      [upTo(2), upTo(2)],
      '(maxReplicas) leave no room on 4 instances (maxInstances) for a deployment of Stack/A, Stack/B, which waits .* Raise maxInstances to 5, or',
    ],
    [
      'for two versions of one of them',
      [upTo(1), upTo(2, LINEAR)],
      'for a deployment of Stack/B, which waits .* Raise maxInstances to 5, or',
    ],
  ])('are said to have no room %s', (_, asked, message) => {
    const stack = shared(asked);
    expect(warningsOf(stack)).toEqual(['cdk-model-api:fleetLacksRoom']);
    const pattern = message.replace(/[()]/g, '\\$&');
    Annotations.fromStack(stack).hasWarning('/Stack/Fleet', Match.stringLikeRegexp(pattern));
  });

  test('with room for all of it are said nothing of', () => {
    expect(warningsOf(shared([upTo(1), upTo(2)]))).toEqual([]);
    expect(warningsOf(shared([upTo(1), upTo(2, LINEAR)], { maxInstances: 5 }))).toEqual([]);
  });
});

describe('GPUs that no replica can take', () => {
  const warned = (gpus: number, memory?: Size) => {
    const stack = stackIn();
    const compute = Compute.gpu({ instanceType: new InstanceType('g5.12xlarge'), gpus, memory });
    apiIn(stack, { compute });
    return warningsOf(stack);
  };

  test('are said, whether their number or another part of a replica is the cause', () => {
    expect(warned(3)).toEqual(['cdk-model-api:gpusLeftUnused']);
    expect(warned(1, Size.gibibytes(100))).toEqual(['cdk-model-api:gpusLeftUnused']);
    for (const all of [1, 2, 4]) expect(warned(all)).toEqual([]);
  });
});

describe('instances that replicas of several sizes need', () => {
  const machine = {
    instanceType: 'm',
    cpu: 4096,
    memoryMiB: 16_000,
    gpus: 4,
    interfaces: 3,
    architecture: 'x86_64',
  } as const;
  const load = (count: number, cpu: number, gpus = 0) => ({ count, size: { cpu, memoryMiB: 256, gpus } });

  test.each([
    ['none', [], 0],
    ['those of one size', [load(4, 2048)], 2],
    ['small ones in what large ones leave', [load(2, 1024), load(2, 3072)], 2],
    ['small ones beyond what large ones leave', [load(3, 1024), load(2, 3072)], 3],
    ['ones that have three of four GPUs', [load(2, 1024, 3), load(2, 1024, 1)], 2],
    ['as many as there are network interfaces', [load(7, 128)], 3],
  ])('are as few as hold %s', (_, loads, instances) => {
    expect(instancesFor([machine], loads)).toBe(instances);
  });

  test('are those of the type that holds the fewest', () => {
    expect(instancesFor([machine, { ...machine, cpu: 1024 }], [load(3, 1024)])).toBe(3);
  });
});

describe('trunks of network interfaces', () => {
  const warned = (instanceType: string, options: Partial<Ec2Options>) => {
    const stack = stackIn();
    const instanceTypes = [new InstanceType(instanceType)];
    apiIn(stack, { compute: Compute.ec2({ instanceTypes, cpu: 128, memory: Size.mebibytes(256), ...options }) });
    return warningsOf(stack);
  };

  test('are refused where AWS has none', () => {
    for (const one of ['t3.2xlarge', 't3a.large', 't4g.large']) {
      expect(() => warned(one, { eniTrunking: true })).toThrow(
        `[Stack/Api] eniTrunking is true, and AWS has no trunking for ${one}: leave it out, or take other instance types`,
      );
    }
    const compute = Compute.gpu({ instanceType: new InstanceType('p3.2xlarge'), eniTrunking: true });
    expect(() => apiIn(stackIn(), { compute })).toThrow('AWS has no trunking for p3.2xlarge');
  });

  test('have an end, too', () => {
    expect(warned('m7i.large', { eniTrunking: true })).toEqual(['cdk-model-api:networkInterfacesLimitReplicas']);
    expect(warned('m7i.large', { eniTrunking: true, cpu: 256 })).toEqual([]);
  });
});
