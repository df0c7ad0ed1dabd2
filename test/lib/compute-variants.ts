/** Declarations for each kind of compute on instances, judged as wholes beside the others. */
import { type App, Duration, Size, type Stack } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Compute, ModelFleet, ModelPlatform, Scaling } from 'cdk-model-api';
import { apiIn, stackIn } from './declaration';

type Variant = (app: App) => Stack[];

const ec2: Variant = (app) => {
  const stack = stackIn(app, 'Ec2');
  apiIn(stack, {
    compute: Compute.ec2({ instanceTypes: [new InstanceType('m7g.xlarge')], memory: Size.gibibytes(4) }),
  });
  return [stack];
};

/** Every option that adds or changes a resource. */
const gpu: Variant = (app) => {
  const stack = stackIn(app, 'Gpu');
  const instanceType = new InstanceType('g5.12xlarge');
  apiIn(stack, {
    compute: Compute.gpu({
      instanceType,
      gpus: 2,
      sharedMemory: Size.gibibytes(8),
      rootVolume: Size.gibibytes(200),
      minInstances: 1,
      maxInstances: 3,
      warmInstances: 1,
      spareShare: 0.25,
    }),
    scaling: Scaling.onConcurrency({ maxReplicas: 5 }),
    requestTimeout: Duration.seconds(300),
  });
  return [stack];
};

/** The fleet in the platform's stack, each API in its own. */
const sharedFleet: Variant = (app) => {
  const shared = stackIn(app, 'WithFleet');
  const platform = new ModelPlatform(shared, 'Platform');
  const instanceTypes = ['m7i.large', 'm6i.large'].map((type) => new InstanceType(type));
  const fleet = new ModelFleet(shared, 'Fleet', { platform, instanceTypes, spotShare: 0.5, onDemandBase: 1 });
  const apis = ['a', 'b'].map((name) => {
    const stack = stackIn(app, `On-fleet-${name}`);
    apiIn(stack, { platform, path: `/${name}`, compute: Compute.ec2({ fleet }) });
    return stack;
  });
  return [shared, ...apis];
};

export { ec2, gpu, sharedFleet };
