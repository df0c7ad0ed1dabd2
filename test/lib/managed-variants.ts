/** Declarations on Managed Instances, judged as wholes beside the others. */
import { type App, Size, type Stack } from 'aws-cdk-lib';
import { AcceleratorName } from 'aws-cdk-lib/aws-ec2';
import { Cluster, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Compute, ManagedFleet, ModelPlatform } from 'cdk-model-api';
import { apiIn, stackIn } from './declaration';

type Variant = (app: App) => Stack[];

/** One API with instances of its own, on demand and on Spot; two in stacks of theirs that share some with GPUs. */
const managedInstances: Variant = (app) => {
  const shared = stackIn(app, 'Managed');
  const platform = new ModelPlatform(shared, 'Platform');
  apiIn(shared, { platform, path: '/own', compute: Compute.managedInstances({ spotShare: 0.5, onDemandBase: 1 }) });
  const fleet = new ManagedFleet(shared, 'Fleet', { platform, gpus: 1, taskVolumeStorage: Size.gibibytes(200) });
  const apis = ['a', 'b'].map((name) => {
    const stack = stackIn(app, `Managed-${name}`);
    apiIn(stack, { platform, path: `/${name}`, compute: Compute.managedInstances({ fleet, gpus: 1 }) });
    return stack;
  });
  return [shared, ...apis];
};

/** In a cluster of another stack, where neither account nor region is known. */
const managedElsewhere: Variant = (app) => {
  const platform = new ModelPlatform(stackIn(app, 'ManagedNetwork', {}), 'Platform');
  const ours = stackIn(app, 'ManagedElsewhere', {});
  apiIn(ours, { platform, compute: Compute.managedInstances({ architecture: CpuArchitecture.ARM64 }) });
  return [ours];
};

/** In a cluster of which nothing but its name is known. */
const managedInImported: Variant = (app) => {
  const ours = stackIn(app, 'ManagedInImported');
  const { vpc } = new ModelPlatform(ours, 'Network', { dashboard: false });
  const cluster = Cluster.fromClusterAttributes(ours, 'Cluster', { clusterName: 'theirs', vpc });
  const platform = new ModelPlatform(ours, 'Platform', { cluster });
  const gpuNames = [AcceleratorName.A10G];
  apiIn(ours, { platform, compute: Compute.managedInstances({ gpus: 1, gpuNames, instanceTypes: ['g5.xlarge'] }) });
  return [ours];
};

export { managedElsewhere, managedInImported, managedInstances };
