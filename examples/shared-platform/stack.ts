/** Three APIs on one network, cluster and load balancer: two told apart by path, one by host name. */
import { join } from 'node:path';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler, ModelPlatform } from 'cdk-model-api';
import type { Construct } from 'constructs';

const churn = ModelHandler.fromDirectory(join(__dirname, 'churn'));
const iris = ModelHandler.fromDirectory(join(__dirname, '../iris/model'));

export default class SharedPlatformStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const platform = new ModelPlatform(this, 'Platform');
    const shared = { platform, access: Access.internal(), host: 'models.internal' };
    new ModelApi(this, 'Iris', { ...shared, handler: iris, path: '/iris' });
    new ModelApi(this, 'Churn', { ...shared, handler: churn, path: '/churn' });
    new ModelApi(this, 'Trial', { ...shared, handler: churn, host: 'trial.models.internal' });
  }
}
