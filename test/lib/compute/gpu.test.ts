/** Replicas with GPUs: what the type of the instance decides, and what is refused. */
import { Size } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { Compute, type GpuOptions, ModelFleet, ModelPlatform, Scaling } from '../../../lib';
import { apiIn, declared, only, stackIn, warningsOf } from '../declaration';

const type = (name: string) => new InstanceType(name);
const on = (options: GpuOptions) => declared({ compute: Compute.gpu(options) });
const taskOf = (template: Template) => only(template, 'AWS::ECS::TaskDefinition');
const taskOn = (instanceType: string, options: GpuOptions = {}) =>
  taskOf(on({ instanceType: type(instanceType), ...options }));
const mostOf = (template: Template) => only(template, 'AWS::AutoScaling::AutoScalingGroup').MaxSize;

describe('a replica', () => {
  test.each<[string, number, string, string]>([
    // 4 vCPUs and 16 GiB with one GPU.
    ['g5.xlarge', 1, '4096', '14899'],
    // 48 vCPUs and 192 GiB with four.
    ['g5.12xlarge', 1, '12288', '45401'],
    ['g5.12xlarge', 2, '24576', '90803'],
    // One that has three of four has what the fourth would have had.
    ['g5.12xlarge', 3, '49152', '181606'],
  ])('on a %s with %i GPUs has %s CPU units and %s MiB', (instanceType, gpus, Cpu, Memory) => {
    const task = taskOn(instanceType, { gpus });
    expect(task).toMatchObject({ Cpu, Memory });
    expect(task.ContainerDefinitions[0].ResourceRequirements).toEqual([{ Type: 'GPU', Value: String(gpus) }]);
  });

  test('takes CPU and memory of its own', () => {
    expect(taskOn('g5.xlarge', { cpu: 2048, memory: Size.gibibytes(8) })).toMatchObject({
      Cpu: '2048',
      Memory: '8192',
    });
  });

  test('shares 1 GiB of memory among its processes, or as much as it says', () => {
    const shared = (options: GpuOptions) =>
      taskOn('g5.xlarge', options).ContainerDefinitions[0].LinuxParameters.SharedMemorySize;
    expect(shared({})).toBe(1024);
    expect(shared({ memory: Size.gibibytes(2) })).toBe(512);
    expect(shared({ sharedMemory: Size.gibibytes(4) })).toBe(4096);
  });

  test('sees the driver for computation and for its metrics', () => {
    const [{ Environment }] = taskOn('g5.xlarge').ContainerDefinitions;
    expect(Environment).toContainEqual({ Name: 'NVIDIA_DRIVER_CAPABILITIES', Value: 'compute,utility' });
  });

  test.each<[string, GpuOptions, string]>([
    [
      'without a GPU',
      { instanceType: type('m7i.large') },
      '[Stack/Api] an instance of type m7i.large has no GPU: give one that has, such as g5.xlarge, or use Compute.ec2',
    ],
    [
      'with more GPUs than there are',
      { instanceType: type('g5.xlarge'), gpus: 4 },
      '[Stack/Api] a replica of cpu 4096, 14899 MiB and 4 GPUs does not fit an instance of type g5.xlarge, which has cpu 4096, 14899 MiB and 1 GPU for replicas: the smallest g5 that holds one is g5.12xlarge',
    ],
    [
      'with more memory than there is',
      { instanceType: type('g5.xlarge'), memory: Size.gibibytes(16) },
      'the smallest g5 that holds one is g5.2xlarge',
    ],
    [
      'with half a GPU',
      { instanceType: type('g5.xlarge'), gpus: 0.5 },
      'gpus must be an integer of at least 1 (got 0.5)',
    ],
    [
      'on ARM, for which there is no image of instances',
      { instanceType: type('g5g.xlarge') },
      'g5g.xlarge has GPUs and ARM processors, for which Amazon ECS has no image of instances: give machineImage',
    ],
    [
      'on a disk that no image with CUDA fits',
      { instanceType: type('g5.xlarge'), rootVolume: Size.gibibytes(50) },
      'rootVolume of instances with GPUs in GiB must be an integer from 60 to 16384 (got 50)',
    ],
    ['without instances', {}, 'instanceType or fleet is required'],
  ])('%s is refused', (_, options, message) => {
    expect(() => on(options)).toThrow(message);
  });

  test('on a type that is described has the GPUs of that', () => {
    const spec = { vcpus: 8, memory: Size.gibibytes(64), gpus: 2, networkInterfaces: 4 };
    const options = { instanceSpecs: { 'g99.large': spec } };
    expect(taskOn('g99.large', options)).toMatchObject({ Cpu: '4096', Memory: '30182' });
    const arm = { 'g99.large': { ...spec, architecture: CpuArchitecture.ARM64 } };
    expect(() => taskOn('g99.large', { instanceSpecs: arm })).toThrow('g99.large has GPUs and ARM processors');
  });
});

describe('what replicas on one instance share', () => {
  const volumesOf = (options: GpuOptions = {}) => taskOn('g5.xlarge', options).Volumes;

  test('is the folder of downloads, in a volume of Docker that outlives them and belongs to the API', () => {
    expect(volumesOf()).toEqual([
      { Name: 'tmp' },
      {
        Name: expect.stringMatching(/^model-cache-StackApiTask\w{8}$/),
        DockerVolumeConfiguration: { Autoprovision: true, Driver: 'local', Scope: 'shared' },
      },
    ]);
    const [{ MountPoints }] = taskOn('g5.xlarge').ContainerDefinitions;
    expect(MountPoints).toContainEqual({
      ContainerPath: '/var/cache/model',
      ReadOnly: false,
      SourceVolume: expect.stringMatching(/^model-cache-StackApiTask/),
    });
  });

  test('is nothing where that was said', () => {
    expect(volumesOf({ modelCache: false })).toEqual([{ Name: 'tmp' }, { Name: 'var-cache-model' }]);
  });

  test('is not what another API on the instance shares', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    const fleet = new ModelFleet(stack, 'Fleet', { platform, instanceTypes: [type('g5.12xlarge')] });
    for (const id of ['One', 'Other']) apiIn(stack, { platform, path: `/${id}`, compute: Compute.gpu({ fleet }) }, id);
    const tasks = Object.values(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition'));
    const names = tasks.map(({ Properties }) => Properties.Volumes[1].Name);
    expect(names).toEqual([
      expect.stringMatching(/^model-cache-StackOne/),
      expect.stringMatching(/^model-cache-StackOther/),
    ]);
  });
});

describe('instances', () => {
  const parametersOf = (template: Template) =>
    Object.values<{ Default?: string }>(template.toJSON().Parameters).map((one) => one.Default);

  test('start from the image for GPUs, with a disk that holds CUDA', () => {
    const template = on({ instanceType: type('g5.xlarge') });
    expect(parametersOf(template)).toContain(
      '/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id',
    );
    const { LaunchTemplateData } = only(template, 'AWS::EC2::LaunchTemplate');
    expect(LaunchTemplateData.BlockDeviceMappings).toEqual([
      { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: 100, VolumeType: 'gp3' } },
    ]);
  });

  test('are as many as twice the replicas need that scaling may ask for', () => {
    const scaling = Scaling.onConcurrency({ maxReplicas: 6 });
    const most = (instanceType: string) =>
      mostOf(declared({ scaling, compute: Compute.gpu({ instanceType: type(instanceType) }) }));
    expect([most('g5.xlarge'), most('g5.12xlarge')]).toEqual(['12', '3']);
  });

  test('without a spare one have old replicas stopped first, which is said', () => {
    const stack = stackIn();
    const compute = Compute.gpu({ instanceType: type('g5.xlarge'), maxInstances: 1 });
    apiIn(stack, { compute, scaling: Scaling.onConcurrency({ maxReplicas: 1 }) });
    const { DeploymentConfiguration } = only(Template.fromStack(stack), 'AWS::ECS::Service');
    expect(DeploymentConfiguration).toMatchObject({ MinimumHealthyPercent: 0, MaximumPercent: 100 });
    expect(warningsOf(stack)).toEqual(['cdk-model-api:noSpareCapacity']);
  });

  test('may be shared by APIs with and without GPUs', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    const fleet = new ModelFleet(stack, 'Fleet', { platform, instanceTypes: [type('g5.12xlarge')] });
    apiIn(stack, { platform, path: '/gpu', compute: Compute.gpu({ fleet, cpu: 8192 }) }, 'WithGpu');
    apiIn(
      stack,
      { platform, path: '/cpu', compute: Compute.ec2({ fleet, cpu: 8192, memory: Size.gibibytes(32) }) },
      'WithoutGpu',
    );
    expect(warningsOf(stack)).toEqual([]);
  });
});
