/** Managed Instances that several APIs share. */
import { Lazy, Size } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AcceleratorName, type ISubnet, Peer, Port, Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  Compatibility,
  ContainerImage,
  CpuArchitecture,
  FargateService,
  NetworkMode,
  TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import {
  Compute,
  ManagedFleet,
  type ManagedFleetProps,
  type ManagedInstancesOptions,
  ModelPlatform,
} from '../../../lib';
import { testApp } from '../assembly';
import { apiIn, only, stackIn, warningsOf } from '../declaration';

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

test.each<[FleetOptions, string]>([
  [{ gpus: Lazy.number({ produce: () => 1 }) }, 'gpus must be known at synth: the instances are chosen by it'],
  [{ gpus: 100 }, 'gpus must be an integer from 0 to 16 (got 100)'],
])('a fleet with %j is refused', (options, message) => {
  expect(() => declare(options, { gpus: 1 })).toThrow(`[Shared/Fleet] ${message}`);
});

test('a service of the user runs on a fleet, its instances may do more, and somebody may reach them', () => {
  const stack = stackIn();
  const platform = new ModelPlatform(stack, 'Platform');
  const fleet = new ManagedFleet(stack, 'Fleet', { platform, spotShare: 0.5 });
  const taskDefinition = new TaskDefinition(stack, 'Task', {
    compatibility: Compatibility.MANAGED_INSTANCES,
    networkMode: NetworkMode.AWS_VPC,
    cpu: '256',
    memoryMiB: '512',
  });
  taskDefinition.addContainer('Main', { image: ContainerImage.fromRegistry('registry.example/other') });
  const { cluster } = platform;
  const { capacityProviderStrategies } = fleet;
  new FargateService(stack, 'Service', { cluster, taskDefinition, capacityProviderStrategies });
  fleet.instanceRole.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] }));
  fleet.connections.allowFrom(Peer.ipv4('10.0.0.0/8'), Port.tcp(9100));
  const template = Template.fromStack(stack);
  expect(fleet.capacityProviders.map(({ node }) => node.id)).toEqual(['OnDemand', 'Spot']);
  expect(only(template, 'AWS::ECS::Service').CapacityProviderStrategy).toEqual(
    fleet.capacityProviders.map(({ capacityProviderName }) => ({
      CapacityProvider: stack.resolve(capacityProviderName),
      Weight: 1,
    })),
  );
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('s3:GetObject');
  expect(JSON.stringify(template.findResources('AWS::EC2::SecurityGroup'))).toContain('"FromPort":9100');
});

describe('an API on a fleet', () => {
  /** In a network of three zones: instances in some, replicas in others. */
  function inZones(instances: number[], replicas: number[]) {
    const stack = stackIn();
    const vpc = new Vpc(stack, 'Vpc', {
      availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
      natGateways: 1,
    });
    const subnetsOf = (zones: number[]) => ({ subnets: zones.map((zone) => vpc.privateSubnets[zone] as ISubnet) });
    const platform = new ModelPlatform(stack, 'Platform', { vpc, vpcSubnets: subnetsOf(instances) });
    const fleet = new ManagedFleet(stack, 'Fleet', { platform });
    apiIn(stack, { platform, vpcSubnets: subnetsOf(replicas), compute: Compute.managedInstances({ fleet }) });
    return warningsOf(stack);
  }

  test('must have subnets where the instances are', () => {
    expect(() => inZones([0], [1, 2])).toThrow(
      '[Stack/Api] vpcSubnets of the API are in eu-west-1b, eu-west-1c and the instances of its fleet in eu-west-1a',
    );
    expect(inZones([0, 1], [1, 2])).toEqual(['cdk-model-api:fleetInOtherZones']);
    expect(inZones([0, 1], [1, 0])).toEqual([]);
  });

  test('cannot stand in the stack of the cluster when the fleet is in another, which needs the cluster', () => {
    const app = testApp();
    const [shared, mine] = [stackIn(app, 'Shared'), stackIn(app, 'Mine')];
    const platform = new ModelPlatform(shared, 'Platform');
    const fleet = new ManagedFleet(mine, 'Fleet', { platform });
    expect(() => apiIn(shared, { platform, compute: Compute.managedInstances({ fleet }) })).toThrow(
      '[Shared/Api] the fleet Mine/Fleet is in the stack Mine, which needs the cluster Shared/Platform/Cluster of Shared, where the API is: define the fleet in Shared, or the API in Mine or a stack of its own',
    );
  });

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
