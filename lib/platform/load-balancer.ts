/** A load balancer of a platform's own: it lets in nobody by itself, and takes no request that is not plain HTTP. */
import type { RemovalPolicy } from 'aws-cdk-lib';
import { type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer, DesyncMitigationMode } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { logAccess } from './access-logs';

export interface LoadBalancerOptions {
  readonly vpc: IVpc;
  readonly internetFacing: boolean;
  readonly removalPolicy: RemovalPolicy;
}

export function defineLoadBalancer(
  scope: Construct,
  { vpc, internetFacing, removalPolicy }: LoadBalancerOptions,
): ApplicationLoadBalancer {
  const securityGroup = new SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: 'Load balancer of model APIs',
    allowAllOutbound: false,
  });
  const loadBalancer = new ApplicationLoadBalancer(scope, 'LoadBalancer', {
    vpc,
    securityGroup,
    internetFacing,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: DesyncMitigationMode.DEFENSIVE,
  });
  if (internetFacing) {
    const reason = 'Access.public was declared: the API is meant to be called from the internet.';
    acknowledge(securityGroup, 'EC23', reason);
    loadBalancer.addRedirect({ open: false });
  }
  logAccess(scope, loadBalancer, removalPolicy);
  return loadBalancer;
}
