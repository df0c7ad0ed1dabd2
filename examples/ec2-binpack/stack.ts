/** Three APIs on one fleet of EC2 instances, most of them on Spot. */
import { join } from 'node:path';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Access, Compute, ModelApi, ModelFleet, ModelHandler, ModelPlatform } from 'cdk-model-api';
import type { Construct } from 'constructs';

const from = (model: string) => ModelHandler.fromDirectory(join(__dirname, '..', model));
const instanceTypes = ['m7i.large', 'm7a.large', 'm6i.large'].map((type) => new InstanceType(type));

export default class Ec2BinpackStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const platform = new ModelPlatform(this, 'Platform');
    // Spot takes any of the three types; one instance stays whatever happens to Spot.
    const spot = { spotShare: 0.75, onDemandBase: 1 };
    // Two replicas an instance: room for the ten of each API, and for a new version beside them.
    const fleet = new ModelFleet(this, 'Fleet', { platform, instanceTypes, maxInstances: 16, ...spot });
    const shared = { platform, access: Access.internal(), compute: Compute.ec2({ fleet, cpu: 1024 }) };
    new ModelApi(this, 'Iris', { ...shared, handler: from('iris/model'), path: '/iris' });
    new ModelApi(this, 'Churn', { ...shared, handler: from('shared-platform/churn'), path: '/churn' });
    new ModelApi(this, 'Writer', { ...shared, handler: from('stream/model'), path: '/writer' });
  }
}
