/** Replicas on Managed Instances: what a replica and its instances are, and what is refused. */
import { type App, Duration, Lazy, Size, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AcceleratorName } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, CpuArchitecture, LinuxParameters } from 'aws-cdk-lib/aws-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { Compute, type ManagedInstancesOptions, ModelPlatform } from '../../../lib';
import { testApp } from '../assembly';
import { apiIn, declared, only, stackIn, warningsOf } from '../declaration';
import { TemplateGraph } from '../template-graph';

const { A10G, INFERENTIA2, L4, T4G } = AcceleratorName;
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

const late = (value: number) => Lazy.number({ produce: () => value });

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

  test('is the same in its container as on Fargate', () => {
    const container = (compute: Compute) => {
      const [definition] = only(declared({ compute }), 'AWS::ECS::TaskDefinition').ContainerDefinitions;
      return definition;
    };
    expect(container(Compute.managedInstances())).toEqual(container(Compute.fargate()));
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
    });
  });

  test('has Graviton processors where the image is built for ARM', () => {
    expect(requirementsOn({ architecture: ARM64 }).CpuManufacturers).toEqual(['amazon-web-services']);
    expect(taskOn({ architecture: ARM64 }).RuntimePlatform.CpuArchitecture).toBe('ARM64');
  });

  test('has the GPUs of a replica', () => {
    expect(requirementsOn({ gpus: 4, gpuNames: [A10G, L4] })).toMatchObject({
      AcceleratorTypes: ['gpu'],
      AcceleratorManufacturers: ['nvidia'],
      AcceleratorNames: ['a10g', 'l4'],
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

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Condition?: object;
}

function statementsOf(template: Template, description: RegExp): Statement[] {
  const roles = Object.values(template.findResources('AWS::IAM::Role'));
  const [role] = roles.filter(({ Properties }) => description.test(Properties.Description ?? ''));
  return role?.Properties.Policies.flatMap(
    ({ PolicyDocument }: { PolicyDocument: { Statement: Statement[] } }) => PolicyDocument.Statement,
  );
}

describe('the roles', () => {
  test('let Amazon ECS hand the instances their role and no other', () => {
    const template = on();
    const [instanceRole] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([, { Properties }]) =>
      /agent/.test(Properties.Description ?? ''),
    ) as [[string, unknown]];
    const arn = { 'Fn::GetAtt': [instanceRole[0], 'Arn'] };
    expect(statementsOf(template, /launches and ends/)).toEqual([
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: arn,
        Condition: { StringLike: { 'iam:PassedToService': 'ec2.*' } },
      },
      { Effect: 'Deny', Action: 'iam:PassRole', NotResource: arn },
    ]);
  });

  test('have no names, which two regions of an account would both want', () => {
    const template = on();
    for (const type of ['AWS::IAM::Role', 'AWS::IAM::InstanceProfile'])
      for (const { Properties } of Object.values(template.findResources(type)))
        expect(Properties).not.toHaveProperty(type === 'AWS::IAM::Role' ? 'RoleName' : 'InstanceProfileName');
  });

  test('let an instance act for its own cluster alone', () => {
    const template = on();
    const [[cluster]] = Object.entries(template.findResources('AWS::ECS::Cluster')) as [[string, unknown]];
    const statements = statementsOf(template, /agent/);
    const limited = statements.filter((one) => JSON.stringify(one).includes(`["${cluster}","Arn"]`));
    const free = statements.filter((one) => !limited.includes(one));
    expect(free.flatMap(({ Action }) => Action)).toEqual(['ecs:DiscoverPollEndpoint', 'ecs:Poll']);
    expect(limited.flatMap(({ Action }) => Action)).toContain('ecs:RegisterContainerInstance');
  });
});

describe('a stack with Managed Instances', () => {
  let graph: TemplateGraph;
  let providers: string[];
  beforeEach(() => {
    graph = new TemplateGraph(on({ spotShare: 0.5 }));
    providers = graph.ids('AWS::ECS::CapacityProvider');
  });

  test('starts replicas when there are instances to have, and takes the instances away when the replicas are gone', () => {
    const [service = ''] = graph.ids('AWS::ECS::Service');
    expect(providers.map((provider) => graph.isAround(provider, service))).toEqual([true, true]);
    expect(providers.map((provider) => graph.isAround(service, provider))).toEqual([false, false]);
  });

  test.each([
    ['the cluster', 'AWS::ECS::Cluster'],
    ['its other capacity providers', 'AWS::ECS::ClusterCapacityProviderAssociations'],
    ['the way out', 'AWS::EC2::NatGateway'],
    ['the instance profile', 'AWS::IAM::InstanceProfile'],
  ])('keeps %s until the last instance is gone', (_, type) => {
    const needed = graph.ids(type);
    expect(needed.length).toBeGreaterThan(0);
    for (const id of needed) expect(providers.map((provider) => graph.isAround(id, provider))).toEqual([true, true]);
  });

  test('keeps every route, role and security group of the instances until then', () => {
    const needed = [
      ...graph.ids('AWS::EC2::Route').filter((id) => id.includes('Private')),
      ...graph.ids('AWS::IAM::Role').filter((id) => /Capacity/.test(id)),
      ...graph.ids('AWS::EC2::SecurityGroup').filter((id) => /Capacity/.test(id)),
    ];
    expect(needed).toHaveLength(5);
    expect(needed.filter((id) => !providers.every((provider) => graph.isAround(id, provider)))).toEqual([]);
  });

  test.each(['aws-models', 'ecs-models', 'fargate-models'])(
    'may be called %s, which AWS takes for no provider',
    (name) => {
      const stack = stackIn(testApp(), 'Stack', { stackName: name });
      apiIn(stack, { compute: Compute.managedInstances() });
      expect(only(Template.fromStack(stack), 'AWS::ECS::CapacityProvider').Name).toMatch(/^cp-/);
    },
  );
});

describe('a cluster', () => {
  const compute = Compute.managedInstances();

  function serving(app: App, clusterIn: (stack: Stack) => ModelPlatform): Template {
    const ours = stackIn(app, 'Ours');
    apiIn(ours, { platform: clusterIn(ours), compute });
    return Template.fromStack(ours);
  }

  test('of another stack gets a provider that stands with the API', () => {
    const app = testApp();
    const theirs = stackIn(app, 'Theirs');
    const template = serving(app, () => new ModelPlatform(theirs, 'Platform'));
    expect(only(template, 'AWS::ECS::CapacityProvider').ClusterName).toHaveProperty('Fn::ImportValue');
    expect(Template.fromStack(theirs).findResources('AWS::ECS::CapacityProvider')).toEqual({});
  });

  test('that was imported gets one too', () => {
    const template = serving(testApp(), (stack) => {
      const { vpc } = new ModelPlatform(stack, 'Network', { dashboard: false });
      const cluster = Cluster.fromClusterAttributes(stack, 'Theirs', { clusterName: 'theirs', vpc });
      return new ModelPlatform(stack, 'Platform', { cluster });
    });
    expect(only(template, 'AWS::ECS::CapacityProvider').ClusterName).toBe('theirs');
  });
});

describe('what does not fit', () => {
  test.each<[ManagedInstancesOptions, string]>([
    [
      { gpus: 1, memory: Size.gibibytes(16), instanceTypes: ['g5.xlarge'] },
      'a replica with cpu 1024, memory of 16384 MiB and 1 GPU fits none of instanceTypes (g5.xlarge), which leave a replica at most cpu 4096, 15155 MiB and 1 GPU: the smallest type with room for it is g4dn.2xlarge',
    ],
    [
      { gpus: 1, memory: Size.gibibytes(16), instanceTypes: ['g5.xlarge'], gpuNames: [A10G] },
      'the smallest type with room for it is g5.2xlarge',
    ],
    [
      { cpu: 8192, instanceTypes: ['m7i.large', 'm7i.xlarge'] },
      'a replica with cpu 8192 and memory of 16384 MiB fits none of instanceTypes (m7i.large, m7i.xlarge), which leave a replica at most cpu 4096, 15155 MiB: the smallest type with room for it is m5.2xlarge',
    ],
    [
      { gpus: 16 },
      'a replica with cpu 1024, memory of 2048 MiB and 16 GPUs fits none of the types that are known here, which leave a replica at most cpu 196608, 1939865 MiB and 8 GPUs: ask for less, or name other types by instanceTypes',
    ],
    [
      { gpus: 2, gpuNames: [L4], instanceTypes: ['gr6.*'] },
      'which leave a replica at most cpu 32768, 242483 MiB and 1 GPU: the smallest type with room for it is g6.12xlarge',
    ],
  ])('%j is refused, with what would', (options, message) => {
    expect(() => on(options)).toThrow(message);
  });

  test('is not judged on types that are new', () => {
    const requirements = requirementsOn({
      cpu: 190_000,
      memory: Size.gibibytes(400),
      instanceTypes: ['m5.large', 'm99.*'],
    });
    expect(requirements.AllowedInstanceTypes).toEqual(['m5.large', 'm99.*']);
  });
});

describe('what AWS would not do, and the CDK does not say', () => {
  test.each<[ManagedInstancesOptions, string]>([
    [{ cpu: 100 }, 'cpu must be an integer from 128 to 196608 (got 100)'],
    [{ cpu: 1024.5 }, 'cpu must be an integer from 128 to 196608 (got 1024.5)'],
    [{ cpu: late(1024) }, 'cpu must be known at synth: the instances are chosen by it'],
    [{ memory: Size.gibibytes(late(1)) }, 'memory must be known at synth: the instances are chosen by it'],
    [{ memory: Size.mebibytes(64) }, 'memory in MiB must be an integer of at least 128 (got 64)'],
    [{ gpus: 0.5 }, 'gpus must be an integer from 0 to 16 (got 0.5)'],
    [{ spotShare: 70 }, 'spotShare must be from 0 to 1 (got 70)'],
    [{ onDemandBase: 1 }, 'onDemandBase (1) has no effect without spotShare: give that too, or leave it out'],
    [
      { taskVolumeStorage: Size.mebibytes(1500) },
      'taskVolumeStorage in GiB must be an integer from 1 to 16384 (got 1.46484375)',
    ],
    [{ instanceTypes: [] }, 'instanceTypes is empty: give at least one, or leave it out'],
    [
      { instanceTypes: ['g5'], gpus: 1 },
      `instanceTypes has "g5", which AWS takes for the name of one type: give names such as 'g5.xlarge', or patterns such as 'g5.*'`,
    ],
    [
      { instanceTypes: ['m7g.large'] },
      'instanceTypes (m7g.large) have arm64 processors, and architecture is x86_64: give types of that one, or the architecture of the types',
    ],
    [
      { instanceTypes: ['g5.xlarge'] },
      'instanceTypes (g5.xlarge) have GPUs, and no container gets one unless it asks: say gpus, or give types without',
    ],
    [{ gpuNames: [], gpus: 1 }, 'gpuNames is empty: give at least one, or leave it out'],
    [{ gpuNames: [L4] }, 'gpuNames (l4) has no effect without gpus: say how many, or leave gpuNames out'],
    [
      { gpuNames: [L4, INFERENTIA2], gpus: 1 },
      "gpuNames has inferentia2, and the instances bring the driver of NVIDIA's GPUs alone: give those, such as AcceleratorName.A10G",
    ],
    [
      { gpuNames: [A10G, L4], gpus: 1, architecture: ARM64 },
      'gpuNames (a10g, l4) are in no instance with arm64 processors: leave architecture out, or give AcceleratorName.T4G',
    ],
    [
      { gpuNames: [T4G], gpus: 1 },
      'gpuNames (t4g) are in no instance with x86_64 processors: give architecture CpuArchitecture.ARM64',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => on(options)).toThrow(`[Stack/Api] ${message}`);
  });

  test.each<ManagedInstancesOptions>([
    { gpuNames: [T4G], gpus: 1, architecture: ARM64 },
    { instanceTypes: ['*'], cpu: 1024 },
    { instanceTypes: ['m*'], memory: Size.gibibytes(5000) },
    { instanceTypes: ['m7g.large', 'm7i.large'] },
    { instanceTypes: ['g5.xlarge', 'm7i.large'] },
    { memory: Size.gibibytes(15), cpu: 4096, gpus: 1, instanceTypes: ['g5.2xlarge'] },
    { gpus: 8, cpu: 96 * 1024, memory: Size.gibibytes(1000), gpuNames: [AcceleratorName.A100] },
  ])('%j is taken', (options) => {
    expect(() => on(options)).not.toThrow();
  });

  test('says all that is wrong at once', () => {
    expect(() => on({ cpu: 1, memory: Size.gibibytes(1), gpus: 99, spotShare: 2 })).toThrow(
      /spotShare .*\n.* cpu .*\n.* gpus /,
    );
  });

  test('of a container beside the model is refused as well', () => {
    const stack = stackIn();
    const linuxParameters = new LinuxParameters(stack, 'Linux', { sharedMemorySize: 256 });
    const collector = {
      image: ContainerImage.fromRegistry('registry.example/collector'),
      dockerLabels: { team: 'models' },
      linuxParameters,
    };
    const props = { extraContainers: { collector } };
    expect(() => apiIn(stack, { ...props, compute: Compute.managedInstances() })).toThrow(
      '[Stack/Api/Task] extraContainers.collector has dockerLabels, sharedMemorySize, which Amazon ECS does not take on this kind of compute: leave that out',
    );
    expect(() =>
      apiIn(stackIn(), { extraContainers: { collector: { ...collector, linuxParameters: undefined } } }),
    ).not.toThrow();
  });
});
