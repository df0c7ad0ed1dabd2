/** For each option of Managed Instances an edit of it, and what that edit may cost. */
import { Size } from 'aws-cdk-lib';
import { AcceleratorName } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Compute, ManagedFleet, type ManagedInstancesOptions, ModelPlatform } from '../../../lib';
import { type ApiProps, type Change, ofApi, type Reasons } from './change';

/** What an API had to itself and needs no longer once it shares instances. */
const SHARED: Reasons = {
  'takes away AWS::ECS::CapacityProvider': 'goes when the service runs on the fleet, with the instances of it',
  'takes away AWS::EC2::SecurityGroup': 'is that of the instances, which go with their provider',
  'takes away AWS::IAM::InstanceProfile': 'is that of the instances, which go with their provider',
  'takes away AWS::IAM::Role': 'those of the instances, which go with their provider',
};

const managed = (options: ManagedInstancesOptions, before: ManagedInstancesOptions = {}) =>
  ofApi(
    () => ({ compute: Compute.managedInstances(options) }),
    () => ({ compute: Compute.managedInstances(before) }),
  );

/** On a fleet that is there before and after. */
const onFleet =
  (isUsed: boolean, gpus = 0): ApiProps =>
  (stack) => {
    const platform = new ModelPlatform(stack, 'Shared');
    const fleet = new ManagedFleet(stack, 'Fleet', { platform, gpus });
    return { platform, compute: Compute.managedInstances({ fleet: isUsed ? fleet : undefined }) };
  };

/** To a fleet of another platform, and with it to that platform. */
const onPlatform =
  (index: number): ApiProps =>
  (stack) => {
    const platforms = ['One', 'Other'].map((id) => new ModelPlatform(stack, id, { dashboard: false }));
    const fleets = platforms.map((platform) => new ManagedFleet(platform, 'Fleet', { platform }));
    return { platform: platforms[index], compute: Compute.managedInstances({ fleet: fleets[index] }) };
  };

export const MANAGED_INSTANCES: Record<string, Change> = {
  'Compute.managedInstances': ofApi(() => ({ compute: Compute.managedInstances() })),
  'ManagedCapacityOptions.architecture': managed({ architecture: CpuArchitecture.ARM64 }),
  'ManagedCapacityOptions.gpuNames': managed({ gpus: 1, gpuNames: [AcceleratorName.A10G] }, { gpus: 1 }),
  'ManagedCapacityOptions.instanceTypes': managed({ instanceTypes: ['m7i.*'] }),
  'ManagedCapacityOptions.onDemandBase': managed({ spotShare: 0.5, onDemandBase: 2 }, { spotShare: 0.5 }),
  'ManagedCapacityOptions.spotShare': managed({ spotShare: 0.5 }),
  'ManagedCapacityOptions.taskVolumeStorage': managed({ taskVolumeStorage: Size.gibibytes(200) }),
  'ManagedFleetProps.gpus': ofApi(onFleet(true, 1), onFleet(true)),
  'ManagedFleetProps.platform': ofApi(onPlatform(1), onPlatform(0), { '*': 'another platform is another cluster' }),
  'ManagedInstancesOptions.cpu': managed({ cpu: 4096 }),
  'ManagedInstancesOptions.fleet': ofApi(onFleet(true), onFleet(false), SHARED),
  'ManagedInstancesOptions.gpus': managed({ gpus: 1 }),
  'ManagedInstancesOptions.memory': managed({ memory: Size.gibibytes(4) }),
};
