/** For each option of compute and of a fleet an edit of it, and what that edit may cost. */
import { Size, type Stack } from 'aws-cdk-lib';
import { InstanceType, MachineImage, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import {
  Compute,
  type Ec2Options,
  type FargateOptions,
  type FleetOptions,
  type GpuOptions,
  type InstanceTypeSpec,
  ModelFleet,
  ModelPlatform,
} from '../../../lib';
import { type Change, ofApi, type Reasons } from './change';

const types = (...names: string[]) => names.map((name) => new InstanceType(name));

const fargate = (options: FargateOptions) => ofApi(() => ({ compute: Compute.fargate(options) }));

const INSTANCES = { instanceTypes: types('m7i.xlarge') };

const ec2 = (options: Ec2Options, before: Ec2Options = {}) =>
  ofApi(
    () => ({ compute: Compute.ec2({ ...INSTANCES, ...options }) }),
    () => ({ compute: Compute.ec2({ ...INSTANCES, ...before }) }),
  );

/** Of an API's own fleet. */
const fleet = (options: FleetOptions, before?: FleetOptions) => ec2(options, before);

const WITH_GPUS = { instanceType: new InstanceType('g5.12xlarge') };

const gpu = (options: GpuOptions) =>
  ofApi(
    () => ({ compute: Compute.gpu({ ...WITH_GPUS, ...options }) }),
    () => ({ compute: Compute.gpu(WITH_GPUS) }),
  );

/** From one fleet to another, both of which stay. */
const toFleet = (computeOn: (fleet: ModelFleet) => Compute, name: string): Change => {
  const on = (index: number) => (stack: Stack) => {
    const platform = new ModelPlatform(stack, 'Shared');
    const fleets = ['One', 'Other'].map((id) => new ModelFleet(stack, id, { platform, instanceTypes: types(name) }));
    return { platform, compute: computeOn(fleets[index] as ModelFleet) };
  };
  return ofApi(on(1), on(0));
};

const SPEC: InstanceTypeSpec = { vcpus: 8, memory: Size.gibibytes(32), networkInterfaces: 4 };

const spec = (options: Partial<InstanceTypeSpec>) => {
  const on = (one: InstanceTypeSpec) => ({ instanceTypes: types('m99.large'), instanceSpecs: { 'm99.large': one } });
  return ec2(on({ ...SPEC, ...options }), on(SPEC));
};

const gpuSpec = (gpus: number) => ({
  compute: Compute.gpu({
    instanceType: new InstanceType('g99.large'),
    instanceSpecs: { 'g99.large': { ...SPEC, gpus } },
  }),
});

const ownFleet =
  (
    props: (stack: Stack, platforms: ModelPlatform[]) => [ModelPlatform, InstanceType[]],
    subnets?: (platform: ModelPlatform) => SubnetSelection,
  ) =>
  (stack: Stack) => {
    const platforms = ['One', 'Other'].map((id) => new ModelPlatform(stack, id));
    const [platform, instanceTypes] = props(stack, platforms);
    new ModelFleet(stack, 'Fleet', { platform, instanceTypes, vpcSubnets: subnets?.(platform) });
  };

/** Instances are of one network and one cluster. */
const OTHER_NETWORK: Reasons = { '*': 'instances stay in their network: the fleet is another one in the other' };

export const COMPUTE: Record<string, Change> = {
  'Compute.fargate': fargate({ cpu: 512 }),
  'FargateOptions.architecture': fargate({ architecture: CpuArchitecture.ARM64 }),
  'FargateOptions.cpu': fargate({ cpu: 4096 }),
  'FargateOptions.ephemeralStorage': fargate({ ephemeralStorage: Size.gibibytes(50) }),
  'FargateOptions.memory': fargate({ memory: Size.gibibytes(4) }),
  'FargateOptions.onDemandBase': ofApi(
    () => ({ compute: Compute.fargate({ spotShare: 0.5, onDemandBase: 2 }) }),
    () => ({ compute: Compute.fargate({ spotShare: 0.5 }) }),
  ),
  'FargateOptions.spotShare': fargate({ spotShare: 0.5 }),

  'Compute.ec2': ofApi(() => ({ compute: Compute.ec2(INSTANCES) })),
  'Ec2Options.cpu': ec2({ cpu: 2048 }),
  'Ec2Options.fleet': toFleet((given) => Compute.ec2({ fleet: given }), 'm7i.xlarge'),
  'Ec2Options.instanceTypes': ec2({ instanceTypes: types('m7g.xlarge') }),
  'Ec2Options.memory': ec2({ memory: Size.gibibytes(4) }),
  'Ec2Options.sharedMemory': ec2({ sharedMemory: Size.gibibytes(1) }),

  'Compute.gpu': ofApi(() => ({ compute: Compute.gpu(WITH_GPUS) })),
  'GpuOptions.cpu': gpu({ cpu: 4096 }),
  'GpuOptions.fleet': toFleet((given) => Compute.gpu({ fleet: given }), 'g5.xlarge'),
  'GpuOptions.gpus': gpu({ gpus: 2 }),
  'GpuOptions.instanceType': gpu({ instanceType: new InstanceType('g6.12xlarge') }),
  'GpuOptions.memory': gpu({ memory: Size.gibibytes(16) }),
  'GpuOptions.modelCache': gpu({ modelCache: false }),
  'GpuOptions.sharedMemory': gpu({ sharedMemory: Size.gibibytes(4) }),

  'FleetOptions.eniTrunking': fleet({ eniTrunking: true }),
  'FleetOptions.instanceSpecs': fleet({ instanceSpecs: { 'm7i.xlarge': { ...SPEC, networkInterfaces: 8 } } }),
  'FleetOptions.machineImage': fleet({
    machineImage: MachineImage.genericLinux({ 'eu-west-1': 'ami-0123456789abcdef0' }),
  }),
  'FleetOptions.maxInstances': fleet({ maxInstances: 30 }),
  'FleetOptions.minInstances': fleet({ minInstances: 1 }),
  'FleetOptions.onDemandBase': fleet({ spotShare: 0.5, onDemandBase: 1 }, { spotShare: 0.5 }),
  'FleetOptions.rootVolume': fleet({ rootVolume: Size.gibibytes(100) }),
  'FleetOptions.spareShare': fleet({ spareShare: 0.5 }),
  'FleetOptions.spotShare': fleet({ spotShare: 0.5 }),
  'FleetOptions.warmInstances': fleet({ warmInstances: 1 }),

  'InstanceTypeSpec.architecture': spec({ architecture: CpuArchitecture.ARM64 }),
  'InstanceTypeSpec.gpus': ofApi(
    () => gpuSpec(2),
    () => gpuSpec(1),
  ),
  'InstanceTypeSpec.memory': spec({ memory: Size.gibibytes(4) }),
  'InstanceTypeSpec.networkInterfaces': spec({ networkInterfaces: 3 }),
  'InstanceTypeSpec.vcpus': spec({ vcpus: 2 }),

  'ModelFleetProps.instanceTypes': {
    before: ownFleet((_, [one]) => [one as ModelPlatform, types('m7i.large')]),
    after: ownFleet((_, [one]) => [one as ModelPlatform, types('m7g.large')]),
    replaces: {},
  },
  'ModelFleetProps.platform': {
    before: ownFleet((_, [one]) => [one as ModelPlatform, types('m7i.large')]),
    after: ownFleet((_, [, other]) => [other as ModelPlatform, types('m7i.large')]),
    replaces: OTHER_NETWORK,
  },
  'ModelFleetProps.vpcSubnets': {
    before: ownFleet((_, [one]) => [one as ModelPlatform, types('m7i.large')]),
    after: ownFleet(
      (_, [one]) => [one as ModelPlatform, types('m7i.large')],
      (platform) => ({
        subnets: platform.vpc.privateSubnets.slice(1),
      }),
    ),
    replaces: {},
  },
};
