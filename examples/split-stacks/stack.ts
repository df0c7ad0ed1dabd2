/** A platform in one stack, each API in a stack of its own: teams deploy their models without touching the network. */
import { join } from 'node:path';
import { Stack, Stage, type StageProps } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler, ModelPlatform } from 'cdk-model-api';
import type { Construct } from 'constructs';

const churn = ModelHandler.fromDirectory(join(__dirname, '../shared-platform/churn'));
const iris = ModelHandler.fromDirectory(join(__dirname, '../iris/model'));
const access = Access.internal();

export default class SplitStacks extends Stage {
  constructor(scope: Construct, id: string, props?: StageProps) {
    super(scope, id, props);

    const platform = new ModelPlatform(new Stack(this, 'Platform'), 'Models');
    new ModelApi(new Stack(this, 'Iris'), 'Iris', { platform, access, handler: iris, path: '/iris' });
    new ModelApi(new Stack(this, 'Churn'), 'Churn', { platform, access, handler: churn, path: '/churn' });
  }
}
