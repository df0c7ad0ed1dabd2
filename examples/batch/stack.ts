/** A model that is faster for many rows at once: requests that come at the same time are one call. */
import { join } from 'node:path';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler } from 'cdk-model-api';
import type { Construct } from 'constructs';

export default class BatchStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    new ModelApi(this, 'Iris', {
      handler: ModelHandler.fromDirectory(join(__dirname, 'model'), {
        batching: { maxBatchSize: 32 },
      }),
      access: Access.internal(),
    });
  }
}
