/** Replicas on Managed Instances: what a replica and its instances are, and what is refused. */
import { Duration, Size, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AcceleratorName } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { Compute, type ManagedInstancesOptions } from '../../../lib';
import { apiIn, declared, ENV, only, stackIn, warningsOf } from '../declaration';

const { A10G, T4 } = AcceleratorName;
const ARM64 = CpuArchitecture.ARM64;

function on(options?: ManagedInstancesOptions): Template {
  return declared({ compute: Compute.managedInstances(options) });
}

function taskOn(options?: ManagedInstancesOptions) {
  return only(on(options), 'AWS::ECS::TaskDefinition');
}

function providerOn(options?: ManagedInstancesOptions) {
  return only(on(options), 'AWS::ECS::CapacityProvider').ManagedInstancesProvider;
}

function requirementsOn(options?: ManagedInstancesOptions) {
  return providerOn(options).InstanceLaunchTemplate.InstanceRequirements;
}

describe('a replica', () => {
  test('is one vCPU with 2 GiB on x86-64 unless it says otherwise', () => {
    expect(taskOn()).toMatchObject({
      Cpu: '1024',
      Memory: '2048',
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['MANAGED_INSTANCES'],
      RuntimePlatform: { CpuArchitecture: 'X86_64', OperatingSystemFamily: 'LINUX' },
    });
  });

  test('takes sizes that Fargate does not sell', () => {
    expect(taskOn({ cpu: 1500, memory: Size.mebibytes(5000) })).toMatchObject({ Cpu: '1500', Memory: '5000' });
  });

  test('is in its container what it is on Fargate, and told its region', () => {
    const containerOf = (compute: Compute) =>
      only(declared({ compute }), 'AWS::ECS::TaskDefinition').ContainerDefinitions[0];
    const { Environment, ...container } = containerOf(Compute.managedInstances());
    const { Environment: told, ...same } = containerOf(Compute.fargate());
    expect(container).toEqual(same);
    expect(Environment).toEqual([{ Name: 'AWS_REGION', Value: ENV.region }, ...told]);
  });

  test('gets its GPUs and the driver', () => {
    const [container] = taskOn({ gpus: 1 }).ContainerDefinitions;
    expect(container.ResourceRequirements).toEqual([{ Type: 'GPU', Value: '1' }]);
    expect(container.Environment).toContainEqual({ Name: 'NVIDIA_DRIVER_CAPABILITIES', Value: 'compute,utility' });
    expect(container.LinuxParameters).toEqual({ Capabilities: { Drop: ['ALL'] } });
  });

  test('runs by a strategy, without a launch type and without a public address', () => {
    const template = on();
    const [[provider]] = Object.entries(template.findResources('AWS::ECS::CapacityProvider')) as [[string, unknown]];
    const service = only(template, 'AWS::ECS::Service');
    expect(service.CapacityProviderStrategy).toEqual([{ CapacityProvider: { Ref: provider }, Weight: 1 }]);
    expect(service).not.toHaveProperty('LaunchType');
    expect(service.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
  });

  test('is replaced with its successor beside it', () => {
    const { DeploymentConfiguration } = only(on({ gpus: 1 }), 'AWS::ECS::Service');
    expect(DeploymentConfiguration).toMatchObject({ MinimumHealthyPercent: 100, MaximumPercent: 200 });
  });
});

describe('an instance', () => {
  test('has room for a replica and for what it keeps itself', () => {
    expect(requirementsOn({ cpu: 1500, memory: Size.gibibytes(15) })).toEqual({
      VCpuCount: { Min: 2 },
      MemoryMiB: { Min: 16_606 },
      CpuManufacturers: ['intel', 'amd'],
      AcceleratorCount: { Max: 0 },
    });
  });

  test('has no accelerator that nobody asked for, though a pattern names some that have', () => {
    expect(requirementsOn({ instanceTypes: ['g*'] }).AcceleratorCount).toEqual({ Max: 0 });
    expect(requirementsOn({ instanceTypes: ['g*'], gpus: 1 }).AcceleratorCount).toEqual({ Min: 1 });
  });

  test('has Graviton processors where the image is built for ARM', () => {
    expect(requirementsOn({ architecture: ARM64 }).CpuManufacturers).toEqual(['amazon-web-services']);
    expect(taskOn({ architecture: ARM64 }).RuntimePlatform.CpuArchitecture).toBe('ARM64');
  });

  test('has the GPUs of a replica', () => {
    expect(requirementsOn({ gpus: 4, gpuNames: [A10G, T4] })).toMatchObject({
      AcceleratorTypes: ['gpu'],
      AcceleratorManufacturers: ['nvidia'],
      AcceleratorNames: ['a10g', 't4'],
      AcceleratorCount: { Min: 4 },
    });
  });

  test('is of the types that were named, at any price among them', () => {
    const requirements = requirementsOn({ instanceTypes: ['g4dn.xlarge', 'g5.xlarge'], gpus: 1 });
    expect(requirements).toMatchObject({
      AllowedInstanceTypes: ['g4dn.xlarge', 'g5.xlarge'],
      OnDemandMaxPricePercentageOverLowestPrice: 999_999,
    });
    expect(requirements).not.toHaveProperty('BurstablePerformance');
  });

  test('is what a pattern names, within the prices that AWS finds right', () => {
    const requirements = requirementsOn({ instanceTypes: ['m7i.*'] });
    expect(requirements.AllowedInstanceTypes).toEqual(['m7i.*']);
    expect(requirements).not.toHaveProperty('OnDemandMaxPricePercentageOverLowestPrice');
  });

  test.each([
    ['t3.large', { BurstablePerformance: 'included' }],
    ['m7i.metal-24xl', { BareMetal: 'included' }],
  ])('may be %s, which AWS leaves out unless it is told', (type, said) => {
    expect(requirementsOn({ instanceTypes: [type] })).toMatchObject(said);
  });

  test('has the disk that was asked for', () => {
    const launch = providerOn({ taskVolumeStorage: Size.gibibytes(200) }).InstanceLaunchTemplate;
    expect(launch.StorageConfiguration).toEqual({ StorageSizeGiB: 200 });
    expect(providerOn().InstanceLaunchTemplate).not.toHaveProperty('StorageConfiguration');
  });

  test('has the tags of the API', () => {
    const stack = stackIn();
    Tags.of(stack).add('team', 'ranking');
    apiIn(stack, { compute: Compute.managedInstances() });
    expect(only(Template.fromStack(stack), 'AWS::ECS::CapacityProvider')).toMatchObject({
      Tags: expect.arrayContaining([{ Key: 'team', Value: 'ranking' }]),
      ManagedInstancesProvider: { PropagateTags: 'CAPACITY_PROVIDER' },
    });
  });

  test('lets nobody in', () => {
    const template = on();
    const { SecurityGroups } = providerOn().InstanceLaunchTemplate.NetworkConfiguration;
    const [group] = SecurityGroups.map((one: { 'Fn::GetAtt': string[] }) => one['Fn::GetAtt'][0]);
    expect(template.findResources('AWS::EC2::SecurityGroup')[group]?.Properties).not.toHaveProperty(
      'SecurityGroupIngress',
    );
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress'));
    expect(rules.filter(({ Properties }) => JSON.stringify(Properties.GroupId).includes(group))).toEqual([]);
  });
});

describe('Spot', () => {
  test.each<[ManagedInstancesOptions, object[]]>([
    [{}, [{ Type: 'ON_DEMAND', Weight: 1 }]],
    [{ spotShare: 1 }, [{ Type: 'SPOT', Weight: 1 }]],
    [
      { spotShare: 0.75, onDemandBase: 2 },
      [
        { Type: 'ON_DEMAND', Base: 2, Weight: 1 },
        { Type: 'SPOT', Weight: 3 },
      ],
    ],
  ])('with %j gives %j', (options, expected) => {
    const template = on(options);
    const providers = template.findResources('AWS::ECS::CapacityProvider');
    const { CapacityProviderStrategy } = only(template, 'AWS::ECS::Service');
    const strategy = CapacityProviderStrategy.map(
      ({ CapacityProvider, ...share }: { CapacityProvider: { Ref: string } }) => ({
        Type: providers[CapacityProvider.Ref]?.Properties.ManagedInstancesProvider.InstanceLaunchTemplate
          .CapacityOptionType,
        ...share,
      }),
    );
    expect(strategy).toEqual(expected);
    expect(Object.keys(providers)).toHaveLength(expected.length);
  });

  test('has its own bound on prices, and never both', () => {
    const requirements = requirementsOn({ spotShare: 1, instanceTypes: ['m7i.large'] });
    expect(requirements).toHaveProperty('SpotMaxPricePercentageOverLowestPrice', 999_999);
    expect(requirements).not.toHaveProperty('OnDemandMaxPricePercentageOverLowestPrice');
  });

  test('warns of requests that are longer than its notice', () => {
    const stack = stackIn();
    apiIn(stack, {
      compute: Compute.managedInstances({ spotShare: 0.5 }),
      requestTimeout: Duration.seconds(101),
    });
    expect(warningsOf(stack)).toEqual(['cdk-model-api:requestOutlivesInterruption']);
  });
});
