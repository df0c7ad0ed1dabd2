/** Subnets without a way out, in which nothing starts unless the VPC has endpoints for all that a start needs. */
import { Annotations } from 'aws-cdk-lib';
import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/** Endpoints are not among what a VPC tells of itself. */
export function warnOfIsolation(scope: Construct, vpc: IVpc, vpcSubnets?: SubnetSelection): void {
  const { subnetIds } = vpc.selectSubnets(vpcSubnets);
  const isolated = vpc.isolatedSubnets.map(({ subnetId }) => subnetId);
  if (subnetIds.length === 0 || !subnetIds.every((id) => isolated.includes(id))) return;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:isolatedSubnets',
    'the subnets for replicas have no way out: the VPC needs endpoints for what a replica starts with (ecr.api, ecr.dkr, s3, logs, and secretsmanager for keys and secrets; on EC2 instances ecs, ecs-agent and ecs-telemetry too) and for the probe function (elasticloadbalancing; ecs too for the function that judges new versions of a rollout but rolling), or replicas never start',
  );
}
