/** The VPC of a platform that was given none. */
import type { RemovalPolicy } from 'aws-cdk-lib';
import { FlowLogDestination, GatewayVpcEndpointAwsService, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** How long the record of connections is kept. */
export interface NetworkOptions {
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Two zones, since a load balancer needs two; one NAT gateway, since a second one costs as much as a replica; images
 * and models come through the S3 endpoint and pay for neither.
 */
export function defineVpc(scope: Construct, options: NetworkOptions): Vpc {
  const logGroup = new LogGroup(scope, 'FlowLogs', {
    retention: options.logRetention,
    removalPolicy: options.removalPolicy,
  });
  return new Vpc(scope, 'Vpc', {
    maxAzs: 2,
    natGateways: 1,
    subnetConfiguration: [
      { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
      { name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    ],
    gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
    flowLogs: { Connections: { destination: FlowLogDestination.toCloudWatchLogs(logGroup) } },
  });
}
