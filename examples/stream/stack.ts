/** A model that answers piece by piece: the declaration is that of any other. */
import { join } from 'node:path';
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler } from 'cdk-model-api';
import type { Construct } from 'constructs';

export default class StreamStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    new ModelApi(this, 'Writer', {
      handler: ModelHandler.fromDirectory(join(__dirname, 'model')),
      access: Access.internal(),
      // The whole stream has to be over by then; so many run at a time in each worker.
      requestTimeout: Duration.seconds(90),
      concurrency: 16,
    });
  }
}
