/** Replicas on EC2 instances: what fits, what is refused, and what is said of the rest. */
import { Duration, Lazy, Size } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { Compute, type Ec2Options, ModelFleet, ModelPlatform, Rollout, Scaling } from '../../../lib';
import { testApp } from '../assembly';
import { apiIn, declared, only, stackIn, warningsOf } from '../declaration';

const types = (...names: string[]) => names.map((name) => new InstanceType(name));
const on = (options: Ec2Options) => declared({ compute: Compute.ec2(options) });
const taskOn = (options: Ec2Options) => only(on(options), 'AWS::ECS::TaskDefinition');

describe('a replica', () => {
  test('is one vCPU with 2 GiB unless it says otherwise, as on Fargate', () => {
    expect(taskOn({ instanceTypes: types('m7i.large') })).toMatchObject({
      Cpu: '1024',
      Memory: '2048',
      RequiresCompatibilities: ['EC2'],
    });
  });

  test('takes CPU, memory and shared memory', () => {
    const options = { cpu: 3072, memory: Size.gibibytes(12), sharedMemory: Size.gibibytes(1) };
    const task = taskOn({ instanceTypes: types('m7i.xlarge'), ...options });
    expect(task).toMatchObject({ Cpu: '3072', Memory: '12288' });
    expect(task.ContainerDefinitions[0].LinuxParameters.SharedMemorySize).toBe(1024);
  });

  test('is spread over zones first and packed by memory then', () => {
    expect(only(on({ instanceTypes: types('m7i.large') }), 'AWS::ECS::Service').PlacementStrategies).toEqual([
      { Type: 'spread', Field: 'attribute:ecs.availability-zone' },
      { Type: 'binpack', Field: 'MEMORY' },
    ]);
  });

  test('knows its region, as on Fargate', () => {
    const [{ Environment }] = taskOn({ instanceTypes: types('m7i.large') }).ContainerDefinitions;
    expect(Environment).toContainEqual({ Name: 'AWS_REGION', Value: 'eu-west-1' });
  });

  test.each<[string, Ec2Options, string]>([
    [
      'too large',
      { instanceTypes: types('m7i.large'), cpu: 4096, memory: Size.gibibytes(16) },
      '[Stack/Api] a replica of cpu 4096, 16384 MiB does not fit an instance of type m7i.large, which has cpu 2048, 7321 MiB and no GPU for replicas: the smallest m7i that holds one is m7i.2xlarge',
    ],
    [
      'as large as its instance',
      { instanceTypes: types('m7i.xlarge'), cpu: 1024, memory: Size.gibibytes(16) },
      '[Stack/Api] a replica of cpu 1024, 16384 MiB does not fit an instance of type m7i.xlarge, which has cpu 4096, 14899 MiB and no GPU for replicas: the smallest m7i that holds one is m7i.2xlarge',
    ],
    [
      'larger than any',
      { instanceTypes: types('c7g.large'), cpu: 1024, memory: Size.gibibytes(1024) },
      'no c7g is known to hold one',
    ],
    [
      'too large for one of several types',
      { instanceTypes: types('m7i.2xlarge', 'm7i.large'), cpu: 4096 },
      '[Stack/Api] a replica of cpu 4096, 8192 MiB does not fit an instance of type m7i.large',
    ],
    [
      'on instances with GPUs',
      { instanceTypes: types('g5.xlarge') },
      '[Stack/Api] g5.xlarge has GPUs, which Compute.ec2 leaves unused: use Compute.gpu, or instance types without',
    ],
    [
      'with more shared memory than memory',
      { instanceTypes: types('m7i.large'), sharedMemory: Size.gibibytes(2) },
      '[Stack/Api] sharedMemory (2048 MiB) must be below the memory of a replica (2048 MiB), of which it is a part',
    ],
    [
      'with half a CPU unit',
      { instanceTypes: types('m7i.large'), cpu: 0.5 },
      'cpu must be an integer from 128 to 196608',
    ],
    [
      'of which only the deployment knows',
      { instanceTypes: types('m7i.large'), cpu: Lazy.number({ produce: () => 1024 }) },
      '[Stack/Api] cpu must be known at synth: how many replicas an instance holds follows it',
    ],
    [
      'without instances',
      {},
      "[Stack/Api] instanceTypes or fleet is required: give instanceTypes, such as [new InstanceType('m7i.xlarge')], or a ModelFleet as fleet",
    ],
    ['of no types', { instanceTypes: [] }, '[Stack/Api] instanceTypes is empty'],
    [
      'on both kinds of processors',
      { instanceTypes: types('m7i.large', 'm7g.large') },
      '[Stack/Api] instanceTypes mix architectures, and an image is built for one: m7i.large is x86_64, m7g.large is arm64',
    ],
    [
      'on a type that is not listed',
      { instanceTypes: types('m99.large') },
      "[Stack/Api] what an instance of type m99.large has is not known here, so that nothing can be checked: give instanceSpecs: { 'm99.large': { vcpus, memory, networkInterfaces } }",
    ],
    ['on a type twice', { instanceTypes: types('m7i.large', 'm7i.large') }, 'instanceTypes has m7i.large twice'],
    [
      'with what belongs to Fargate',
      { instanceTypes: types('m7i.large'), ephemeralStorage: Size.gibibytes(50) } as Ec2Options,
      '[Stack/Api] ephemeralStorage is no option of compute on EC2 instances: it is of Fargate; on instances replicas share their rootVolume. Leave it out',
    ],
    [
      'with what AWS has ended',
      { instanceTypes: types('m7i.large'), inferenceAccelerators: [] } as Ec2Options,
      'AWS ended Elastic Inference in April 2024',
    ],
    [
      'with an architecture of its own',
      { instanceTypes: types('m7i.large'), architecture: CpuArchitecture.ARM64 } as Ec2Options,
      'architecture is no option of compute on EC2 instances: it is that of the instance types',
    ],
  ])('%s is refused', (_, options, message) => {
    expect(() => on(options)).toThrow(message);
  });

  test('on a type that is described is judged by that', () => {
    const spec = { vcpus: 2, memory: Size.gibibytes(4), networkInterfaces: 3, architecture: CpuArchitecture.ARM64 };
    const options = { instanceTypes: types('m99.large'), instanceSpecs: { 'm99.large': spec } };
    expect(taskOn(options)).toMatchObject({ Cpu: '1024' });
    expect(() => taskOn({ ...options, memory: Size.gibibytes(4) })).toThrow(
      'which has cpu 2048, 3532 MiB and no GPU for replicas: no m99 is known to hold one',
    );
  });

  test('has a network interface of its own, and is said where these are fewer than its instance has room', () => {
    const warned = (options: Partial<Ec2Options>) => {
      const stack = stackIn();
      apiIn(stack, { compute: Compute.ec2({ instanceTypes: types('m7i.4xlarge'), ...options }) });
      return warningsOf(stack);
    };
    expect(warned({})).toEqual(['cdk-model-api:networkInterfacesLimitReplicas']);
    expect(warned({ eniTrunking: true })).toEqual([]);
    expect(warned({ cpu: 4096 })).toEqual([]);
  });

  test('may not have a GPU for a container beside it', () => {
    const image = ContainerImage.fromRegistry('registry.example/proxy');
    const compute = Compute.gpu({ instanceType: new InstanceType('g5.12xlarge') });
    expect(() => declared({ compute, extraContainers: { proxy: { image, gpuCount: 1 } } })).toThrow(
      "extraContainers.proxy has gpuCount 1, and the GPUs of a replica are the model's",
    );
  });
});

describe('room for a deployment', () => {
  const deploymentOf = (maxInstances: number | undefined, maxReplicas: number, rollout?: Rollout) => {
    const stack = stackIn();
    // Two replicas on each.
    const compute = Compute.ec2({ instanceTypes: types('m7i.large'), maxInstances });
    apiIn(stack, { compute, rollout, scaling: Scaling.onConcurrency({ maxReplicas }) });
    const { DeploymentConfiguration } = only(Template.fromStack(stack), 'AWS::ECS::Service');
    const { MinimumHealthyPercent: least, MaximumPercent: most } = DeploymentConfiguration;
    return { percents: [least, most], warnings: warningsOf(stack) };
  };

  test.each([
    [undefined, 10, [100, 200], []],
    [3, 5, [100, 200], []],
    [3, 6, [0, 100], ['cdk-model-api:noSpareCapacity']],
    [3, 7, [0, 100], ['cdk-model-api:noSpareCapacity', 'cdk-model-api:replicasExceedInstances']],
  ])('of at most %s instances and %i replicas is %j, and warns of %j', (instances, replicas, percents, warnings) => {
    expect(deploymentOf(instances, replicas)).toEqual({ percents, warnings });
  });

  test('that is not there is said also where a rollout has percentages of its own', () => {
    const { percents, warnings } = deploymentOf(
      3,
      6,
      Rollout.rolling({ minHealthyPercent: 100, maxHealthyPercent: 200 }),
    );
    expect(percents).toEqual([100, 200]);
    expect(warnings).toEqual(['cdk-model-api:noSpareCapacity']);
  });

  test('is twice what scaling may ask for, also by a schedule, where no maximum was said', () => {
    const group = only(on({ instanceTypes: types('m7i.large') }), 'AWS::AutoScaling::AutoScalingGroup');
    expect(group).toMatchObject({ MinSize: '0', MaxSize: '10' });
  });
});

describe('the cluster of a fleet', () => {
  const compute = Compute.ec2({ instanceTypes: types('m7i.large') });

  test('may not be imported', () => {
    const stack = stackIn();
    const vpc = new Vpc(stack, 'Vpc');
    const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'theirs', vpc });
    const platform = new ModelPlatform(stack, 'Platform', { cluster });
    const message =
      'the cluster Stack/Cluster was imported, and instances of this app cannot be added to it: give the platform a cluster of this app, or none, so that it defines one; or use Compute.fargate()';
    expect(() => apiIn(stack, { platform, compute })).toThrow(`[Stack/Api] ${message}`);
    expect(() => new ModelFleet(stack, 'Fleet', { platform, instanceTypes: types('m7i.large') })).toThrow(message);
  });

  test('may not be in another stack, where a fleet must be defined then', () => {
    const app = testApp();
    const platform = new ModelPlatform(stackIn(app, 'Shared'), 'Platform');
    expect(() => apiIn(stackIn(app, 'Mine'), { platform, compute })).toThrow(
      '[Mine/Api] the cluster Shared/Platform/Cluster is in the stack Shared and the fleet would be in Mine, on which it must not depend: define a ModelFleet in Shared and give it to compute as fleet',
    );
  });

  test('is that of the API', () => {
    const stack = stackIn();
    const [ours, theirs] = ['Ours', 'Theirs'].map((id) => new ModelPlatform(stack, id)) as [
      ModelPlatform,
      ModelPlatform,
    ];
    const fleet = new ModelFleet(stack, 'Fleet', { platform: theirs, instanceTypes: types('m7i.large') });
    expect(() => apiIn(stack, { platform: ours, compute: Compute.ec2({ fleet }) })).toThrow(
      '[Stack/Api] fleet Stack/Fleet is of the cluster Stack/Theirs/Cluster, and the API runs in Stack/Ours/Cluster: give the fleet and the API one platform',
    );
  });
});

test('a request may take as long as a replica may stop, but for Spot', () => {
  const warned = (spotShare?: number) => {
    const stack = stackIn();
    const compute = Compute.ec2({ instanceTypes: types('m7i.large'), spotShare });
    apiIn(stack, { compute, requestTimeout: Duration.seconds(101) });
    return warningsOf(stack);
  };
  expect(warned()).toEqual([]);
  expect(warned(0.5)).toEqual(['cdk-model-api:requestOutlivesInterruption']);
});
