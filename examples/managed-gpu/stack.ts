/** A model on a GPU of its own, on instances that AWS chooses, launches, patches and ends. */
import { join } from 'node:path';
import { Size, Stack, type StackProps } from 'aws-cdk-lib';
import { Access, Compute, ModelApi, ModelHandler, Scaling } from 'cdk-model-api';
import type { Construct } from 'constructs';

export default class ManagedGpuStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    new ModelApi(this, 'Iris', {
      handler: ModelHandler.fromDirectory(join(__dirname, '../iris/model')),
      access: Access.internal(),
      compute: Compute.managedInstances({
        cpu: 3072,
        memory: Size.gibibytes(12),
        gpus: 1,
        // A10G or L4.
        instanceTypes: ['g5.*', 'g6.*'],
      }),
      scaling: Scaling.onConcurrency({ maxReplicas: 4 }),
    });
  }
}
