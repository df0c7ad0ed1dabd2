/** A model on a GPU: the declaration of any other, and the type of the instances. */
import { join } from 'node:path';
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Access, BaseImage, Compute, ModelApi, ModelHandler, Scaling } from 'cdk-model-api';
import type { Construct } from 'constructs';

export default class GpuStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    new ModelApi(this, 'Writer', {
      handler: ModelHandler.fromDirectory(join(__dirname, '../stream/model'), { baseImage: BaseImage.cuda() }),
      access: Access.internal(),
      // One instance more than replicas, so that a new version starts beside the old one.
      compute: Compute.gpu({ instanceType: new InstanceType('g5.xlarge'), maxInstances: 4, warmInstances: 1 }),
      scaling: Scaling.onConcurrency({ maxReplicas: 3 }),
      loadTimeout: Duration.minutes(15),
      concurrency: 16,
    });
  }
}
