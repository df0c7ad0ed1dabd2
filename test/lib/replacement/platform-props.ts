/** For each prop of `ModelPlatformProps` an edit of it, and what that edit may cost. */
import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import {
  type ApplicationListener,
  ApplicationLoadBalancer,
  ListenerAction,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ModelPlatformProps } from '../../../lib';
import { certificateIn, publicAccess } from '../declaration';
import { type Change, ofPlatform, type Reasons } from './change';

/** Nothing of a network can move to another one. */
const OTHER_NETWORK: Reasons = { '*': 'the API moves into another network, with its load balancer and replicas' };

const OWN_ENTRANCE_GOES: Reasons = { '*': 'callers come in through the given load balancer, and ours goes' };

function balancerIn(stack: Stack, vpc = new Vpc(stack, 'Vpc')): ApplicationLoadBalancer {
  return new ApplicationLoadBalancer(stack, 'Balancer', { vpc });
}

const OTHER_CLUSTER: Reasons = {
  'replaces AWS::ApplicationAutoScaling::ScalableTarget': 'the count is that of the service in the given cluster',
  'replaces AWS::ApplicationAutoScaling::ScalingPolicy': 'the policy is that of the service in the given cluster',
  'replaces AWS::ECS::Service': 'no service can move to another cluster; the new one comes before the old one goes',
  'takes away AWS::ECS::Cluster': 'the given cluster takes the place of the one that was defined',
  'takes away AWS::ECS::ClusterCapacityProviderAssociations': 'they are those of the cluster that was defined',
};

const NO_DASHBOARD: Reasons = {
  'takes away AWS::CloudWatch::Dashboard': 'to have no dashboard is what was asked for',
};

function withListener(stack: Stack): { vpc: IVpc; listener: ApplicationListener } {
  const vpc = new Vpc(stack, 'Vpc');
  const defaultAction = ListenerAction.fixedResponse(404);
  const listener = balancerIn(stack, vpc).addListener('Listener', { port: 80, open: false, defaultAction });
  return { vpc, listener };
}

function inOneZone(stack: Stack): ModelPlatformProps {
  const vpc = new Vpc(stack, 'Vpc');
  return { vpc, vpcSubnets: { subnets: vpc.privateSubnets.slice(0, 1) } };
}

const domain = (stack: Stack, name: string) => ({ certificate: certificateIn(stack, name) });

export const PLATFORM_PROPS: Record<string, Change> = {
  'ModelPlatformProps.certificate': ofPlatform(
    (stack) => domain(stack, 'one'),
    (stack) => domain(stack, 'other'),
    {},
    (stack) => ({ access: publicAccess(stack) }),
  ),
  'ModelPlatformProps.cluster': ofPlatform(
    (stack) => ({ cluster: new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') }) }),
    (stack) => ({ vpc: new Vpc(stack, 'Vpc') }),
    OTHER_CLUSTER,
  ),
  'ModelPlatformProps.dashboard': ofPlatform(() => ({ dashboard: false }), undefined, NO_DASHBOARD),
  'ModelPlatformProps.listener': ofPlatform(
    (stack) => ({ listener: withListener(stack).listener }),
    (stack) => ({ vpc: withListener(stack).vpc }),
    OWN_ENTRANCE_GOES,
    () => ({ priority: 7 }),
  ),
  'ModelPlatformProps.loadBalancer': ofPlatform(
    (stack) => ({ loadBalancer: balancerIn(stack) }),
    (stack) => ({ vpc: balancerIn(stack).vpc as IVpc }),
    OWN_ENTRANCE_GOES,
  ),
  'ModelPlatformProps.loadBalancerSubnets': ofPlatform(
    (stack) => {
      const vpc = new Vpc(stack, 'Vpc', { maxAzs: 3 });
      return { vpc, loadBalancerSubnets: { subnets: vpc.privateSubnets.slice(0, 2) } };
    },
    (stack) => ({ vpc: new Vpc(stack, 'Vpc', { maxAzs: 3 }) }),
  ),
  'ModelPlatformProps.logRetention': ofPlatform(() => ({ logRetention: RetentionDays.ONE_YEAR })),
  'ModelPlatformProps.removalPolicy': ofPlatform(() => ({ removalPolicy: RemovalPolicy.DESTROY })),
  'ModelPlatformProps.vpc': ofPlatform((stack) => ({ vpc: new Vpc(stack, 'Vpc') }), undefined, OTHER_NETWORK),
  'ModelPlatformProps.vpcSubnets': ofPlatform(inOneZone, (stack) => ({ vpc: new Vpc(stack, 'Vpc') })),
};
