/** How the service is told of the second target group, and what Amazon ECS may do to move callers between the two. */
import { AlternateTarget, ListenerRuleConfiguration } from 'aws-cdk-lib/aws-ecs';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import type { ServingTarget } from './target';

/** AWS's own: what ECS needs changed six times in the first seven months. */
const POLICY = 'AmazonECSInfrastructureRolePolicyForLoadBalancers';

/** Undefined where the API has one group, into which ECS registers replicas by itself. */
export function alternateOf(scope: Construct, target: ServingTarget): AlternateTarget | undefined {
  const { alternateTargetGroup, rule, testRule } = target;
  if (alternateTargetGroup === undefined) return undefined;
  return new AlternateTarget('AlternateTarget', {
    alternateTargetGroup,
    productionListener: ListenerRuleConfiguration.applicationListenerRule(rule),
    testListener: testRule && ListenerRuleConfiguration.applicationListenerRule(testRule),
    role: defineRole(scope),
  });
}

function defineRole(scope: Construct): Role {
  const role = new Role(scope, 'TrafficRole', {
    description: 'By which Amazon ECS leads the callers of a model API from one version to the next',
    assumedBy: new ServicePrincipal('ecs.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(POLICY)],
  });
  const policy = `IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${POLICY}]`;
  acknowledge(
    role,
    policy,
    `Amazon ECS asks for ${POLICY}, which AWS extends when a deployment needs more, and takes the role alone.`,
  );
  return role;
}
