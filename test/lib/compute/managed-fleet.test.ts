/** Managed Instances that several APIs share. */
import { Size } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AcceleratorName } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import {
  Compute,
  ManagedFleet,
  type ManagedFleetProps,
  type ManagedInstancesOptions,
  ModelPlatform,
} from '../../../lib';
import { testApp } from '../assembly';
import { apiIn, only, stackIn } from '../declaration';

type FleetOptions = Omit<ManagedFleetProps, 'platform'>;

/** Shared with platform and fleet ← Mine with an API. */
function declare(fleet: FleetOptions, options: Omit<ManagedInstancesOptions, 'fleet'> = {}) {
  const app = testApp();
  const shared = stackIn(app, 'Shared');
  const platform = new ModelPlatform(shared, 'Platform');
  const instances = new ManagedFleet(shared, 'Fleet', { platform, ...fleet });
  const mine = stackIn(app, 'Mine');
  apiIn(mine, { platform, compute: Compute.managedInstances({ ...options, fleet: instances }) });
  return { shared: Template.fromStack(shared), mine: Template.fromStack(mine) };
}

describe('a fleet', () => {
  test('is made once, for APIs in stacks of their own', () => {
    const { shared, mine } = declare({});
    expect(only(shared, 'AWS::ECS::CapacityProvider').ManagedInstancesProvider.InstanceLaunchTemplate).toMatchObject({
      InstanceRequirements: { VCpuCount: { Min: 1 }, MemoryMiB: { Min: 554 } },
    });
    expect(mine.findResources('AWS::ECS::CapacityProvider')).toEqual({});
    expect(only(mine, 'AWS::ECS::Service').CapacityProviderStrategy).toEqual([
      { CapacityProvider: { 'Fn::ImportValue': expect.stringContaining('Shared') }, Weight: 1 },
    ]);
  });

  test('says the architecture of its APIs, and their share on Spot', () => {
    const { mine } = declare({ architecture: CpuArchitecture.ARM64, spotShare: 0.5, onDemandBase: 1 });
    expect(only(mine, 'AWS::ECS::TaskDefinition').RuntimePlatform.CpuArchitecture).toBe('ARM64');
    expect(only(mine, 'AWS::ECS::Service').CapacityProviderStrategy).toMatchObject([
      { Base: 1, Weight: 1 },
      { Weight: 1 },
    ]);
  });

  test('has GPUs for those that ask for one', () => {
    const { shared, mine } = declare({ gpus: 1, gpuNames: [AcceleratorName.A10G] }, { gpus: 1 });
    const { InstanceLaunchTemplate } = only(shared, 'AWS::ECS::CapacityProvider').ManagedInstancesProvider;
    expect(InstanceLaunchTemplate.InstanceRequirements.AcceleratorCount).toEqual({ Min: 1 });
    const [container] = only(mine, 'AWS::ECS::TaskDefinition').ContainerDefinitions;
    expect(container.ResourceRequirements).toEqual([{ Type: 'GPU', Value: '1' }]);
  });

  test('is refused what no instance has', () => {
    expect(() => declare({ gpuNames: [AcceleratorName.A10G] })).toThrow(
      '[Shared/Fleet] gpuNames (a10g) has no effect without gpus: say how many, or leave gpuNames out',
    );
  });
});

describe('an API on a fleet', () => {
  test('must fit its instances', () => {
    expect(() => declare({ instanceTypes: ['m7i.large'] }, { memory: Size.gibibytes(8) })).toThrow(
      '[Mine/Api] a replica with cpu 1024 and memory of 8192 MiB fits none of instanceTypes (m7i.large), which leave a replica at most cpu 2048, 7577 MiB: the smallest type with room for it is r5.large',
    );
  });

  test('gets no GPU from one that need not have any', () => {
    expect(() => declare({}, { gpus: 1 })).toThrow(
      '[Mine/Api] gpus is 1, and the instances of the fleet Shared/Fleet need have none: give the fleet gpus',
    );
  });

  test('says nothing of the instances', () => {
    expect(() => declare({}, { instanceTypes: ['m7i.large'], spotShare: 0.5 })).toThrow(
      '[Mine/Api] instanceTypes, spotShare and fleet exclude each other: the fleet Shared/Fleet says which instances there are. Say it there, or leave fleet out',
    );
  });

  test('must be in its cluster', () => {
    const stack = stackIn();
    const fleet = new ManagedFleet(stack, 'Fleet', { platform: new ModelPlatform(stack, 'Platform') });
    const platform = new ModelPlatform(stack, 'Other');
    expect(() => apiIn(stack, { platform, compute: Compute.managedInstances({ fleet }) })).toThrow(
      '[Stack/Api] fleet Stack/Fleet is of the cluster Stack/Platform/Cluster, and the API runs in Stack/Other/Cluster: give the fleet and the API one platform',
    );
  });
});
