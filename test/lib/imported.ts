/** A load balancer that others look after, as stacks of this app import it. */
import type { Stack } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener,
  ApplicationLoadBalancer,
  type ApplicationLoadBalancerAttributes,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ModelPlatform, type ModelPlatformProps } from 'cdk-model-api';

export const BALANCER_ARN =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shared/50dc6c495c0c9188';
export const LISTENER_ARN = `${BALANCER_ARN.replace('loadbalancer', 'listener')}/f2f7dc8efc522ab2`;
export const BALANCER_GROUP = 'sg-0123456789abcdef0';

export function importedBalancer(stack: Stack, given: Partial<ApplicationLoadBalancerAttributes> = {}) {
  return ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Balancer', {
    loadBalancerArn: BALANCER_ARN,
    loadBalancerDnsName: 'shared.example',
    loadBalancerCanonicalHostedZoneId: 'Z0ALIAS',
    securityGroupId: BALANCER_GROUP,
    ...given,
  });
}

export function importedListener(stack: Stack, defaultPort?: number, listenerArn = LISTENER_ARN) {
  const securityGroup = SecurityGroup.fromSecurityGroupId(stack, 'BalancerGroup', BALANCER_GROUP);
  return ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
    listenerArn,
    securityGroup,
    defaultPort,
  });
}

/** A platform behind the imported load balancer; on its listener, if there is a port. */
export function platformBehind(stack: Stack, port?: number, props: ModelPlatformProps = {}): ModelPlatform {
  const loadBalancer = importedBalancer(stack);
  const listener = port === undefined ? undefined : importedListener(stack, port);
  return new ModelPlatform(stack, 'Platform', { vpc: new Vpc(stack, 'Vpc'), loadBalancer, listener, ...props });
}
