import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  fits,
  type InstanceSpec,
  instanceSpec,
  listedTypes,
  memoryForTasks,
  smallestFitting,
  specsOf,
  typesOfFamily,
} from '../../../lib/compute/instance-catalogue';
import { describeWith } from '../../setup/needs';

const GIB = 1024;

function specOf(instanceType: string): InstanceSpec {
  const spec = instanceSpec(instanceType);
  if (spec === undefined) throw new Error(`${instanceType} is not listed`);
  return spec;
}

describe('an instance type', () => {
  test('is known by its name', () => {
    expect(instanceSpec('g5.xlarge')).toEqual({
      instanceType: 'g5.xlarge',
      vcpus: 4,
      memoryMiB: 16 * GIB,
      gpus: 1,
      gpuMemoryMiB: 22_888,
      gpuName: 'a10g',
      enis: 4,
      trunkInterfaces: 4,
      architecture: 'x86_64',
    });
  });

  // What AWS's pages of instance types say: name, vCPUs, GiB, network interfaces, GPUs.
  test.each([
    ['t3.nano', 2, 0.5, 2, 0],
    ['t3a.small', 2, 2, 2, 0],
    ['t4g.small', 2, 2, 3, 0],
    ['m5.metal', 96, 384, 15, 0],
    ['m7a.medium', 1, 4, 2, 0],
    ['m6a.48xlarge', 192, 768, 15, 0],
    ['m7i.metal-24xl', 96, 384, 15, 0],
    ['c5.9xlarge', 36, 72, 8, 0],
    ['c5.18xlarge', 72, 144, 15, 0],
    ['c7g.large', 2, 4, 3, 0],
    ['c8g.metal-48xl', 192, 384, 15, 0],
    ['r6i.metal', 128, 1024, 15, 0],
    ['r8g.12xlarge', 48, 384, 8, 0],
    ['g4dn.xlarge', 4, 16, 3, 1],
    ['g4dn.12xlarge', 48, 192, 8, 4],
    ['g4dn.metal', 96, 384, 15, 8],
    ['g5.16xlarge', 64, 256, 8, 1],
    ['g5.48xlarge', 192, 768, 7, 8],
    ['g5g.xlarge', 4, 8, 4, 1],
    ['g5g.metal', 64, 128, 15, 2],
    ['g6.24xlarge', 96, 384, 15, 4],
    ['gr6.4xlarge', 16, 128, 8, 1],
    ['g6e.12xlarge', 48, 384, 10, 4],
    ['p3.2xlarge', 8, 61, 4, 1],
    ['p3.16xlarge', 64, 488, 8, 8],
    ['p4d.24xlarge', 96, 1152, 60, 8],
    ['p5.4xlarge', 16, 256, 4, 1],
    ['p5.48xlarge', 192, 2048, 64, 8],
  ])('%s has %i vCPUs, %d GiB, %i network interfaces and %i GPUs', (instanceType, vcpus, memoryGiB, enis, gpus) => {
    expect(specOf(instanceType)).toMatchObject({ vcpus, memoryMiB: memoryGiB * GIB, enis, gpus });
  });

  test.each([
    ['m7g.large', 'arm64'],
    ['g5g.xlarge', 'arm64'],
    ['t4g.nano', 'arm64'],
    ['m7a.large', 'x86_64'],
    ['g6.xlarge', 'x86_64'],
  ])('%s is of %s', (instanceType, architecture) => {
    expect(specOf(instanceType).architecture).toBe(architecture);
  });

  test.each(['', 'g5', 'g5.', 'g5.large', 'm5a.metal', 'm5.large.more', 'constructor.name', 'x99.xlarge'])(
    '%j is none of the list',
    (instanceType) => {
      expect(instanceSpec(instanceType)).toBeUndefined();
    },
  );
});

interface Described {
  readonly VCpuInfo: { readonly DefaultVCpus: number };
  readonly MemoryInfo: { readonly SizeInMiB: number };
  readonly NetworkInfo: { readonly MaximumNetworkInterfaces: number };
  readonly ProcessorInfo: { readonly SupportedArchitectures: readonly string[] };
  readonly GpuInfo?: {
    readonly Gpus: readonly {
      readonly Name: string;
      readonly Count: number;
      readonly MemoryInfo: { SizeInMiB: number };
    }[];
  };
}

/** What EC2 answered to DescribeInstanceTypes when moto's data were recorded. */
function describedByEc2(): ReadonlyMap<string, Described> {
  const versions = join(__dirname, '../../../node_modules/.cache/moto/lib');
  const [python = ''] = readdirSync(versions);
  const file = join(versions, python, 'site-packages/moto/ec2/resources/instance_types.json.gz');
  return new Map(Object.entries(JSON.parse(gunzipSync(readFileSync(file)).toString())));
}

function sameOf({ vcpus, memoryMiB, enis, gpus, gpuMemoryMiB, gpuName, architecture }: InstanceSpec) {
  return { vcpus, memoryMiB, enis, gpus, gpuMemoryMiB, gpuName, architecture };
}

function read({ VCpuInfo, MemoryInfo, NetworkInfo, ProcessorInfo, GpuInfo }: Described) {
  const [gpu] = GpuInfo?.Gpus ?? [];
  return {
    vcpus: VCpuInfo.DefaultVCpus,
    memoryMiB: MemoryInfo.SizeInMiB,
    enis: NetworkInfo.MaximumNetworkInterfaces,
    gpus: gpu?.Count ?? 0,
    gpuMemoryMiB: gpu?.MemoryInfo.SizeInMiB ?? 0,
    gpuName: gpu?.Name.toLowerCase(),
    architecture: ProcessorInfo.SupportedArchitectures[0],
  };
}

describeWith(['moto'], 'the list', () => {
  test('is as EC2 describes its types, and lists every size of its families', () => {
    const described = describedByEc2();
    const listed = listedTypes().filter((type) => described.has(type));
    // Those of P3 were taken off sale in the region that the data are of.
    expect(listedTypes().filter((type) => !described.has(type) && !type.startsWith('p3.'))).toEqual([]);
    const ours = Object.fromEntries(listed.map((type) => [type, sameOf(specOf(type))]));
    const theirs = Object.fromEntries(listed.map((type) => [type, read(described.get(type) as Described)]));
    expect(ours).toEqual(theirs);
    const families = new Set(listed.map((type) => type.split('.')[0]));
    const missing = [...described.keys()].filter((type) => families.has(type.split('.')[0]) && !instanceSpec(type));
    expect(missing).toEqual([]);
  });
});

describe('lists of types', () => {
  test('name types, families and patterns', () => {
    const named = specsOf(['g4dn.xlarge', 'gr6', 'p4*', 'new9.large']).map(({ instanceType }) => instanceType);
    expect(named).toEqual(['g4dn.xlarge', 'gr6.4xlarge', 'gr6.8xlarge', 'p4d.24xlarge', 'p4de.24xlarge']);
  });

  test('of a family begin with the smallest', () => {
    expect(typesOfFamily('c6g').slice(0, 3)).toEqual(['c6g.medium', 'c6g.large', 'c6g.xlarge']);
    expect(typesOfFamily('x99')).toEqual([]);
  });

  test('have each type once', () => {
    expect(new Set(listedTypes()).size).toBe(listedTypes().length);
    expect(specsOf(['g5', 'g5.xlarge', 'g5.*'])).toHaveLength(typesOfFamily('g5').length);
  });
});

describe('the smallest that fits', () => {
  test.each([
    [{ vcpus: 3, memoryMiB: 4 * GIB }, 'm7g', 'm7g.xlarge'],
    [{ gpus: 1 }, 'g5', 'g5.xlarge'],
    [{ gpus: 2 }, 'g5', 'g5.12xlarge'],
    [{ gpus: 1, memoryMiB: 20 * GIB }, 'g5', 'g5.2xlarge'],
    [{ gpus: 8, gpuMemoryMiB: 70 * GIB }, 'p4*', 'p4de.24xlarge'],
    [{ gpus: 1 }, 'm5', undefined],
    [{ gpus: 1, architecture: 'arm64' as const }, 'g5', undefined],
    [{ vcpus: 1 }, 'x99', undefined],
  ])('%j of %s is %s', (need, family, smallest) => {
    expect(smallestFitting(need, family)).toBe(smallest);
  });

  test('is looked for in a list, or in all', () => {
    expect(smallestFitting({ vcpus: 4 }, ['m5.4xlarge', 'm5.xlarge', 'm5.2xlarge'])).toBe('m5.xlarge');
    expect(smallestFitting({ gpus: 1, gpuMemoryMiB: 40 * GIB })).toBe('g6e.xlarge');
    expect(smallestFitting({ gpus: 1, architecture: 'arm64' })).toBe('g5g.xlarge');
  });

  test('leaves the memory that the instance itself needs', () => {
    expect(memoryForTasks(16 * GIB)).toBe(15_155);
    expect(fits(specOf('m5.xlarge'), { memoryMiB: 15_155 })).toBe(true);
    expect(fits(specOf('m5.xlarge'), { memoryMiB: 16 * GIB })).toBe(false);
  });
});
