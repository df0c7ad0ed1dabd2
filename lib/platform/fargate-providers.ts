/** Tells of the capacity providers that a given cluster must have for replicas on Fargate: synth cannot see which it has. */
import { Annotations } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { isKnown } from '../private/check';

/** The command replaces the list, so that it has to name what is there already. */
export function warnOfFargateProviders(scope: Construct, cluster: ICluster): void {
  const name = isKnown(cluster.clusterName) ? cluster.clusterName : '<its name>';
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:givenClusterCapacityProviders',
    `the given cluster must have the capacity providers FARGATE and FARGATE_SPOT, which synth cannot see. In the CDK: enableFargateCapacityProviders: true; else see what it has: aws ecs describe-clusters --clusters ${name} --query 'clusters[0].[capacityProviders,defaultCapacityProviderStrategy]', and give it all that it has already, and FARGATE FARGATE_SPOT: aws ecs put-cluster-capacity-providers --cluster ${name} --capacity-providers <all that it has already> FARGATE FARGATE_SPOT --default-capacity-provider-strategy <the one that it has, or []>. What that command leaves out the cluster loses, and services on it with that`,
  );
}
