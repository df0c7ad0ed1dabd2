/** What is refused of Managed Instances: what fits no instance, and what AWS would take and never do. */
import { AcceleratorName as OfEcs } from '@aws-sdk/client-ecs';
import { Lazy, Size } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { AcceleratorName, InstanceType } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, CpuArchitecture, LinuxParameters } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { Compute, type ManagedInstancesOptions, ModelFleet, ModelPlatform } from '../../../lib';
import { apiIn, declared, only, stackIn, warningsOf } from '../declaration';

const { A10G, INFERENTIA2, L4, L40S, T4, T4G } = AcceleratorName;
const ARM64 = CpuArchitecture.ARM64;

function on(options?: ManagedInstancesOptions): Template {
  return declared({ compute: Compute.managedInstances(options) });
}

const late = (value: number) => Lazy.number({ produce: () => value });

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
      { gpus: 2, instanceTypes: ['gr6.*'] },
      'which leave a replica at most cpu 32768, 242483 MiB and 1 GPU: the smallest type with room for it is p3.8xlarge',
    ],
  ])('%j is refused, with what would', (options, message) => {
    expect(() => on(options)).toThrow(message);
  });

  test('is not judged on types that are new', () => {
    const template = on({
      cpu: 190_000,
      memory: Size.gibibytes(400),
      instanceTypes: ['m5.large', 'm99.*'],
    });
    const { InstanceLaunchTemplate } = only(template, 'AWS::ECS::CapacityProvider').ManagedInstancesProvider;
    const requirements = InstanceLaunchTemplate.InstanceRequirements;
    expect(requirements.AllowedInstanceTypes).toEqual(['m5.large', 'm99.*']);
  });
});

test.each(['m7i.larg', 'g6.9*'])('a size that a known family is not known to have is warned of: %s', (type) => {
  const stack = stackIn();
  apiIn(stack, { compute: Compute.managedInstances({ gpus: Number(type.startsWith('g')), instanceTypes: [type] }) });
  expect(warningsOf(stack)).toEqual(['cdk-model-api:unknownInstanceSize']);
});

describe('what AWS would not do, and the CDK does not say', () => {
  test.each<[ManagedInstancesOptions, string]>([
    [{ cpu: 100 }, 'cpu must be an integer from 128 to 196608 (got 100)'],
    [{ cpu: 1024.5 }, 'cpu must be an integer from 128 to 196608 (got 1024.5)'],
    [{ cpu: late(1024) }, 'cpu must be known at synth: the instances are chosen by it'],
    [{ memory: Size.gibibytes(late(1)) }, 'memory must be known at synth: the instances are chosen by it'],
    [{ memory: Size.mebibytes(64) }, 'memory in MiB must be an integer of at least 128 (got 64)'],
    [{ gpus: 0.5 }, 'gpus must be an integer from 0 to 16 (got 0.5)'],
    [{ spotShare: 0.0004 }, 'spotShare (0.0004) is counted in thousandths and would be none: give at least 0.001'],
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
    [{ gpuNames: [T4] }, 'gpuNames (t4) has no effect without gpus: say how many, or leave gpuNames out'],
    [
      { gpuNames: [T4, INFERENTIA2], gpus: 1 },
      "gpuNames has inferentia2, and the instances bring the driver of NVIDIA's GPUs alone: give those, such as AcceleratorName.A10G",
    ],
    [
      { gpuNames: [A10G, L4], gpus: 1 },
      "gpuNames has l4, which Amazon ECS does not know by name (EC2 does): say by instanceTypes what has them, such as ['g5.*', 'g6.*', 'gr6.*'], and leave gpuNames out",
    ],
    [{ gpuNames: [L40S], gpus: 1 }, "such as ['g6e.*'], and leave gpuNames out"],
    [
      { gpuNames: [A10G, T4], gpus: 1, architecture: ARM64 },
      'gpuNames (a10g, t4) are in no instance with arm64 processors: leave architecture out, or give AcceleratorName.T4G',
    ],
    [
      { gpuNames: [T4G], gpus: 1 },
      'gpuNames (t4g) are in no instance with x86_64 processors: give architecture CpuArchitecture.ARM64',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => on(options)).toThrow(message);
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

describe('what another kind of compute has, in JavaScript', () => {
  test.each([
    ['sharedMemory', 'Amazon ECS refuses it on Managed Instances. Compute.ec2 and Compute.gpu have it'],
    ['ephemeralStorage', 'replicas share the disk of their instance, which taskVolumeStorage sizes'],
    ['capacityProviderName', 'CloudFormation gives a name that AWS takes'],
  ])('%s is refused', (name, why) => {
    expect(() => on({ [name]: Size.gibibytes(30) })).toThrow(
      `[Stack/Api] ${name} is no option of Compute.managedInstances: ${why}. Leave it out`,
    );
  });

  test('a fleet of another kind is refused', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    const fleet = new ModelFleet(stack, 'Fleet', { platform, instanceTypes: [new InstanceType('m7i.large')] });
    expect(() => apiIn(stack, { platform, compute: Compute.managedInstances({ fleet: fleet as never }) })).toThrow(
      "[Stack/Api] fleet must be a ManagedFleet, such as new ManagedFleet(stack, 'Fleet', { platform }) (got an object of ModelFleet)",
    );
  });
});

test('every model of GPU is taken that the API of Amazon ECS has, and every other is refused', () => {
  const isTaken = (name: AcceleratorName) => {
    try {
      on({ gpuNames: [name], gpus: 1, architecture: name === T4G ? ARM64 : undefined });
      return true;
    } catch {
      return false;
    }
  };
  const { INFERENTIA, RADEON_PRO_V520, VU9P, ...nvidia } = OfEcs;
  expect(Object.values(AcceleratorName).filter(isTaken).sort()).toEqual(Object.values(nvidia).sort());
});
