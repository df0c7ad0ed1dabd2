/**
 * How large EC2 instances are, as far as it decides how many replicas fit on one: CPUs, memory, GPUs, and network
 * interfaces, of which every replica with a network of its own takes one.
 */

export interface InstanceSize {
  readonly type: string;
  readonly vcpus: number;
  readonly memoryGiB: number;
  readonly gpus: number;
  readonly interfaces: number;
  readonly architecture: 'x86' | 'arm';
}

/** Of the families m, c and r: the rest of a size follows from its CPUs. */
const VCPUS: Readonly<Record<string, number>> = { medium: 1, large: 2, xlarge: 4 };

/** From that many CPUs on, an instance of the families m, c and r has so many interfaces. */
const INTERFACES = [
  [48, 15],
  [16, 8],
  [4, 4],
  [2, 3],
  [1, 2],
] as const;

/** Sizes with 12xlarge as their 48 CPUs are the exception: they have 8. */
const FEWER_INTERFACES = 8;

const [GENERAL, COMPUTE, MEMORY] = [4, 2, 8];
const FIFTH = 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge';
const FIFTH_COMPUTE = 'large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge';
const SIXTH = `${FIFTH} 32xlarge`;
const SEVENTH = `${FIFTH} 48xlarge`;
const GRAVITON = 'medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge';

/** GiB of memory for each CPU, and the sizes. */
const PROPORTIONAL: Readonly<Record<string, readonly [number, string]>> = {
  m5: [GENERAL, FIFTH],
  m6i: [GENERAL, SIXTH],
  m6g: [GENERAL, GRAVITON],
  m7i: [GENERAL, SEVENTH],
  m7g: [GENERAL, GRAVITON],
  c5: [COMPUTE, FIFTH_COMPUTE],
  c6i: [COMPUTE, SIXTH],
  c6g: [COMPUTE, GRAVITON],
  c7i: [COMPUTE, SEVENTH],
  c7g: [COMPUTE, GRAVITON],
  r5: [MEMORY, FIFTH],
  r6i: [MEMORY, SIXTH],
  r6g: [MEMORY, GRAVITON],
  r7i: [MEMORY, SEVENTH],
  r7g: [MEMORY, GRAVITON],
};

/** CPUs, GiB of memory, GPUs, interfaces. */
const SINGLE: Readonly<Record<string, readonly [number, number, number, number]>> = {
  ...burstable('t3'),
  ...burstable('t4g'),
  'g4dn.xlarge': [4, 16, 1, 3],
  'g4dn.2xlarge': [8, 32, 1, 3],
  'g4dn.4xlarge': [16, 64, 1, 3],
  'g4dn.8xlarge': [32, 128, 1, 4],
  'g4dn.12xlarge': [48, 192, 4, 8],
  'g4dn.16xlarge': [64, 256, 1, 4],
  'g5.xlarge': [4, 16, 1, 4],
  'g5.2xlarge': [8, 32, 1, 4],
  'g5.4xlarge': [16, 64, 1, 8],
  'g5.8xlarge': [32, 128, 1, 8],
  'g5.12xlarge': [48, 192, 4, 15],
  'g5.16xlarge': [64, 256, 1, 8],
  'g5.24xlarge': [96, 384, 4, 15],
  'g5.48xlarge': [192, 768, 8, 7],
  'g6.xlarge': [4, 16, 1, 4],
  'g6.2xlarge': [8, 32, 1, 4],
  'g6.4xlarge': [16, 64, 1, 8],
  'g6.8xlarge': [32, 128, 1, 8],
  'g6.12xlarge': [48, 192, 4, 8],
  'g6.16xlarge': [64, 256, 1, 15],
  'g6.24xlarge': [96, 384, 4, 15],
  'g6.48xlarge': [192, 768, 8, 15],
  'g6e.xlarge': [4, 32, 1, 4],
  'g6e.2xlarge': [8, 64, 1, 4],
  'g6e.4xlarge': [16, 128, 1, 8],
  'g6e.8xlarge': [32, 256, 1, 8],
  'g6e.12xlarge': [48, 384, 4, 10],
  'g6e.16xlarge': [64, 512, 1, 15],
  'g6e.24xlarge': [96, 768, 4, 20],
  'g6e.48xlarge': [192, 1536, 8, 40],
  'p3.2xlarge': [8, 61, 1, 4],
  'p3.8xlarge': [32, 244, 4, 8],
  'p3.16xlarge': [64, 488, 8, 8],
  'p4d.24xlarge': [96, 1152, 8, 60],
  'p5.4xlarge': [16, 256, 1, 4],
  'p5.48xlarge': [192, 2048, 8, 64],
};

function burstable(family: string): Record<string, readonly [number, number, number, number]> {
  return {
    [`${family}.nano`]: [2, 0.5, 0, 2],
    [`${family}.micro`]: [2, 1, 0, 2],
    [`${family}.small`]: [2, 2, 0, 3],
    [`${family}.medium`]: [2, 4, 0, 3],
    [`${family}.large`]: [2, 8, 0, 3],
    [`${family}.xlarge`]: [4, 16, 0, 4],
    [`${family}.2xlarge`]: [8, 32, 0, 4],
  };
}

export const INSTANCES: ReadonlyMap<string, InstanceSize> = new Map(
  [...proportional(), ...single()].map((size) => [size.type, size]),
);

function proportional(): InstanceSize[] {
  return Object.entries(PROPORTIONAL).flatMap(([family, [gibibytes, sizes]]) =>
    sizes.split(' ').map((size) => {
      const vcpus = VCPUS[size] ?? 4 * Number.parseInt(size, 10);
      const shape = { vcpus, memoryGiB: vcpus * gibibytes, gpus: 0, interfaces: interfacesOf(vcpus) };
      return { type: `${family}.${size}`, ...shape, architecture: architectureOf(family) };
    }),
  );
}

function single(): InstanceSize[] {
  return Object.entries(SINGLE).map(([type, [vcpus, memoryGiB, gpus, interfaces]]) => {
    return { type, vcpus, memoryGiB, gpus, interfaces, architecture: architectureOf(type.split('.')[0] ?? '') };
  });
}

function interfacesOf(vcpus: number): number {
  if (vcpus === 48) return FEWER_INTERFACES;
  return INTERFACES.find(([from]) => vcpus >= from)?.[1] ?? 1;
}

/** Graviton's families have a g behind their generation. */
function architectureOf(family: string): InstanceSize['architecture'] {
  return /^[a-z]+\d+g/.test(family) ? 'arm' : 'x86';
}

/** Units by which AWS itself compares the sizes of a family; their prices are in the same proportion. */
const UNITS: Readonly<Record<string, number>> = { nano: 1 / 16, micro: 1 / 8, small: 1 / 4, medium: 1 / 2, large: 1 };

/** How many times a `large` of its family an instance is. */
export function multipleOfLarge(type: string): number {
  const size = type.split('.')[1] ?? '';
  return UNITS[size] ?? 2 * (size === 'xlarge' ? 1 : Number.parseInt(size, 10));
}
