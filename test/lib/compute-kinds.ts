/** Every kind of compute, as declarations that differ in nothing else: what the contract of a replica is held against. */
import type { Stack } from 'aws-cdk-lib';
import { AcceleratorName, InstanceType } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Compute, ManagedFleet, ModelFleet, type ModelPlatform } from 'cdk-model-api';

/** What a kind needs beside the API stands in the stack. */
type ComputeIn = (stack: Stack, platform: ModelPlatform) => Compute;

export interface Kind {
  readonly computeIn: ComputeIn;
  /** The same kind with more of it for a replica. */
  readonly largerIn: ComputeIn;
  readonly gpus: number;
  /** What images are built for. */
  readonly platform: string;
  /** Longest time in seconds that a container may take to stop. */
  readonly stopTimeoutLimit: number;
  /** Whether instances of the account's run it. */
  readonly hasInstances: boolean;
}

const types = (...names: string[]) => names.map((name) => new InstanceType(name));
const X86 = types('m7i.xlarge', 'm6i.xlarge');
const ARM = types('m7g.xlarge');

const fleetIn: (stack: Stack, platform: ModelPlatform) => ModelFleet = (stack, platform) =>
  new ModelFleet(stack, 'Shared', { platform, instanceTypes: X86, spotShare: 0.5, onDemandBase: 1 });

const managedFleetIn = (stack: Stack, platform: ModelPlatform) =>
  new ManagedFleet(stack, 'Managed', { platform, architecture: CpuArchitecture.ARM64 });

const onInstances = {
  gpus: 0,
  platform: 'linux/amd64',
  stopTimeoutLimit: Number.POSITIVE_INFINITY,
  hasInstances: true,
};

export const KINDS: Readonly<Record<string, Kind>> = {
  fargate: {
    computeIn: () => Compute.fargate(),
    largerIn: () => Compute.fargate({ cpu: 2048 }),
    gpus: 0,
    platform: 'linux/amd64',
    stopTimeoutLimit: 120,
    hasInstances: false,
  },
  ec2: {
    ...onInstances,
    computeIn: () => Compute.ec2({ instanceTypes: ARM }),
    largerIn: () => Compute.ec2({ instanceTypes: ARM, cpu: 2048 }),
    platform: 'linux/arm64',
  },
  'ec2 on a shared fleet': {
    ...onInstances,
    computeIn: (stack, platform) => Compute.ec2({ fleet: fleetIn(stack, platform) }),
    largerIn: (stack, platform) => Compute.ec2({ fleet: fleetIn(stack, platform), cpu: 2048 }),
  },
  gpu: {
    ...onInstances,
    computeIn: () => Compute.gpu({ instanceType: new InstanceType('g5.2xlarge') }),
    largerIn: () => Compute.gpu({ instanceType: new InstanceType('g5.4xlarge') }),
    gpus: 1,
  },
  'managed instances': {
    ...onInstances,
    computeIn: () => Compute.managedInstances({ spotShare: 0.5, onDemandBase: 1 }),
    largerIn: () => Compute.managedInstances({ spotShare: 0.5, onDemandBase: 1, cpu: 3000 }),
  },
  'managed instances with GPUs': {
    ...onInstances,
    computeIn: () => Compute.managedInstances({ gpus: 1, gpuNames: [AcceleratorName.A10G, AcceleratorName.T4] }),
    largerIn: () => Compute.managedInstances({ gpus: 1, cpu: 3000, instanceTypes: ['g5.*', 'g6.*'] }),
    gpus: 1,
  },
  'a shared fleet of managed instances': {
    ...onInstances,
    computeIn: (stack, platform) => Compute.managedInstances({ fleet: managedFleetIn(stack, platform) }),
    largerIn: (stack, platform) => Compute.managedInstances({ fleet: managedFleetIn(stack, platform), cpu: 3000 }),
    platform: 'linux/arm64',
  },
};
