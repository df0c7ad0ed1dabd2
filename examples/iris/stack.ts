/** The smallest declaration: an API for whoever is inside its network. */
import { join } from 'node:path';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler } from 'cdk-model-api';
import type { Construct } from 'constructs';

export default class IrisStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    new ModelApi(this, 'Iris', {
      handler: ModelHandler.fromDirectory(join(__dirname, 'model')),
      access: Access.internal(),
    });
  }
}
