/**
 * The families of instance types that models are served on, as EC2's DescribeInstanceTypes lists them. What AWS keeps
 * regular is a rule here: a size says the vCPUs, the family the memory of each, and the vCPUs how many network interfaces
 * there are. Rows stand only where AWS departs from that.
 */

export type Architecture = 'x86_64' | 'arm64';

/** Of a family: its sizes, and for those with GPUs a row each. */
export interface Family {
  readonly architecture: Architecture;
  /** Memory of each vCPU. */
  readonly memoryPerVcpuMiB: number;
  readonly sizes: readonly string[];
  readonly gpu?: Gpu;
  /** False where AWS has no trunks of network interfaces for it. */
  readonly trunking?: boolean;
  /** Sizes that do not follow the rules, by name. */
  readonly exceptions?: { readonly [size: string]: Partial<SizeSpec> };
}

export interface Gpu {
  /** As instance requirements spell it in `acceleratorNames`. */
  readonly name: string;
  readonly memoryMiB: number;
  /** GPUs of those sizes that have other than one. */
  readonly several: { readonly [size: string]: number };
}

export interface SizeSpec {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly enis: number;
  readonly trunkInterfaces: number;
}

const GIB = 1024;

const UP_TO_12XL = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge'];
const UP_TO_16XL = [...UP_TO_12XL, '16xlarge'];
const UP_TO_24XL = [...UP_TO_16XL, '24xlarge'];

/** Sizes by generation and maker, the same for compute, general and memory optimised families. */
const INTEL_6 = [...UP_TO_24XL, '32xlarge', 'metal'];
const INTEL_7 = [...UP_TO_24XL, '48xlarge', 'metal-24xl', 'metal-48xl'];
const AMD_6 = [...UP_TO_24XL, '32xlarge', '48xlarge', 'metal'];
const AMD_7 = ['medium', ...UP_TO_24XL, '32xlarge', '48xlarge', 'metal-48xl'];
const GRAVITON_2_AND_3 = ['medium', ...UP_TO_16XL, 'metal'];
const GRAVITON_4 = ['medium', ...UP_TO_24XL, '48xlarge', 'metal-24xl', 'metal-48xl'];
const BURSTABLE = ['nano', 'micro', 'small', 'medium', 'large', 'xlarge', '2xlarge'];

/** Two vCPUs down to the smallest, with less and less memory. */
const BURSTABLE_EXCEPTIONS = {
  nano: { vcpus: 2, memoryMiB: GIB / 2, enis: 2 },
  micro: { vcpus: 2, memoryMiB: GIB, enis: 2 },
  small: { vcpus: 2, memoryMiB: 2 * GIB, enis: 3 },
  medium: { vcpus: 2, memoryMiB: 4 * GIB, enis: 3 },
};

const COMPUTE = 2 * GIB;
const GENERAL = 4 * GIB;
const MEMORY = 8 * GIB;

/** A bare machine is as large as the largest of its family; some say in their name how large that is. */
const METAL_64 = { metal: { vcpus: 64 } };
const METAL_96 = { metal: { vcpus: 96 } };
const METAL_128 = { metal: { vcpus: 128 } };
const METAL_192 = { metal: { vcpus: 192 } };

function intelOrAmd(memoryPerVcpuMiB: number, sizes: readonly string[], exceptions = {}): Family {
  return { architecture: 'x86_64', memoryPerVcpuMiB, sizes, exceptions };
}

function graviton(memoryPerVcpuMiB: number, sizes: readonly string[]): Family {
  return { architecture: 'arm64', memoryPerVcpuMiB, sizes, exceptions: METAL_64 };
}

export const FAMILIES: { readonly [family: string]: Family } = {
  t3: { ...intelOrAmd(GENERAL, BURSTABLE, BURSTABLE_EXCEPTIONS), trunking: false },
  t3a: {
    ...intelOrAmd(GENERAL, BURSTABLE, {
      ...BURSTABLE_EXCEPTIONS,
      small: { ...BURSTABLE_EXCEPTIONS.small, enis: 2 },
    }),
    trunking: false,
  },
  t4g: { ...graviton(GENERAL, BURSTABLE), exceptions: BURSTABLE_EXCEPTIONS, trunking: false },

  m5: intelOrAmd(GENERAL, [...UP_TO_24XL, 'metal'], METAL_96),
  m5a: intelOrAmd(GENERAL, UP_TO_24XL),
  m6i: intelOrAmd(GENERAL, INTEL_6, METAL_128),
  m6a: intelOrAmd(GENERAL, AMD_6, METAL_192),
  m6g: graviton(GENERAL, GRAVITON_2_AND_3),
  m7i: intelOrAmd(GENERAL, INTEL_7),
  m7a: intelOrAmd(GENERAL, AMD_7),
  m7g: graviton(GENERAL, GRAVITON_2_AND_3),
  m8g: graviton(GENERAL, GRAVITON_4),

  c5: intelOrAmd(
    COMPUTE,
    ['large', 'xlarge', '2xlarge', '4xlarge', '9xlarge', '12xlarge', '18xlarge', '24xlarge', 'metal'],
    METAL_96,
  ),
  c6i: intelOrAmd(COMPUTE, INTEL_6, METAL_128),
  c6a: intelOrAmd(COMPUTE, AMD_6, METAL_192),
  c6g: graviton(COMPUTE, GRAVITON_2_AND_3),
  c7i: intelOrAmd(COMPUTE, INTEL_7),
  c7a: intelOrAmd(COMPUTE, AMD_7),
  c7g: graviton(COMPUTE, GRAVITON_2_AND_3),
  c8g: graviton(COMPUTE, GRAVITON_4),

  r5: intelOrAmd(MEMORY, [...UP_TO_24XL, 'metal'], METAL_96),
  r6i: intelOrAmd(MEMORY, INTEL_6, METAL_128),
  r6g: graviton(MEMORY, GRAVITON_2_AND_3),
  r7i: intelOrAmd(MEMORY, INTEL_7),
  r7g: graviton(MEMORY, GRAVITON_2_AND_3),
  r8g: graviton(MEMORY, GRAVITON_4),

  g4dn: {
    ...intelOrAmd(GENERAL, ['xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge', 'metal']),
    gpu: { name: 't4', memoryMiB: 16 * GIB, several: { '12xlarge': 4, metal: 8 } },
    exceptions: {
      xlarge: { enis: 3 },
      '2xlarge': { enis: 3 },
      '4xlarge': { enis: 3 },
      '8xlarge': { enis: 4 },
      '16xlarge': { enis: 4 },
      metal: { vcpus: 96 },
    },
  },
  g5: {
    ...intelOrAmd(GENERAL, [...UP_TO_24XL.slice(1), '48xlarge']),
    gpu: { name: 'a10g', memoryMiB: 22_888, several: { '12xlarge': 4, '24xlarge': 4, '48xlarge': 8 } },
    exceptions: {
      xlarge: { trunkInterfaces: 4 },
      '2xlarge': { trunkInterfaces: 17 },
      '4xlarge': { trunkInterfaces: 34 },
      '12xlarge': { enis: 15 },
      '16xlarge': { enis: 8 },
      '48xlarge': { enis: 7 },
    },
  },
  g5g: {
    ...graviton(COMPUTE, ['xlarge', '2xlarge', '4xlarge', '8xlarge', '16xlarge', 'metal']),
    gpu: { name: 't4g', memoryMiB: 16 * GIB, several: { '16xlarge': 2, metal: 2 } },
  },
  g6: {
    ...intelOrAmd(GENERAL, [...UP_TO_24XL.slice(1), '48xlarge']),
    gpu: { name: 'l4', memoryMiB: 22_888, several: { '12xlarge': 4, '24xlarge': 4, '48xlarge': 8 } },
  },
  gr6: {
    ...intelOrAmd(MEMORY, ['4xlarge', '8xlarge']),
    gpu: { name: 'l4', memoryMiB: 22_888, several: {} },
  },
  g6e: {
    ...intelOrAmd(MEMORY, [...UP_TO_24XL.slice(1), '48xlarge']),
    gpu: { name: 'l40s', memoryMiB: 45_776, several: { '12xlarge': 4, '24xlarge': 4, '48xlarge': 8 } },
    exceptions: {
      '12xlarge': { enis: 10 },
      '24xlarge': { enis: 20, trunkInterfaces: 102 },
      '48xlarge': { enis: 40, trunkInterfaces: 82 },
    },
  },

  p3: {
    ...intelOrAmd(7808, ['2xlarge', '8xlarge', '16xlarge']),
    trunking: false,
    gpu: { name: 'v100', memoryMiB: 16 * GIB, several: { '8xlarge': 4, '16xlarge': 8 } },
    exceptions: { '16xlarge': { enis: 8 } },
  },
  p3dn: {
    ...intelOrAmd(MEMORY, ['24xlarge']),
    gpu: { name: 'v100', memoryMiB: 32 * GIB, several: { '24xlarge': 8 } },
  },
  p4d: {
    ...intelOrAmd(12 * GIB, ['24xlarge']),
    gpu: { name: 'a100', memoryMiB: 40 * GIB, several: { '24xlarge': 8 } },
    exceptions: { '24xlarge': { enis: 60, trunkInterfaces: 62 } },
  },
  p4de: {
    ...intelOrAmd(12 * GIB, ['24xlarge']),
    gpu: { name: 'a100', memoryMiB: 80 * GIB, several: { '24xlarge': 8 } },
    exceptions: { '24xlarge': { enis: 60, trunkInterfaces: 62 } },
  },
  p5: {
    ...intelOrAmd(16 * GIB, ['4xlarge', '48xlarge']),
    gpu: { name: 'h100', memoryMiB: 80 * GIB, several: { '48xlarge': 8 } },
    exceptions: { '4xlarge': { enis: 4 }, '48xlarge': { memoryMiB: 2048 * GIB, enis: 64 } },
  },
};
