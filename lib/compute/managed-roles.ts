/**
 * Who acts on Managed Instances: Amazon ECS itself, which launches and ends them, and the agent on each of them. AWS keeps
 * the policy of the former up to date; the latter may act for one cluster alone.
 */
import { Stack } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import {
  Effect,
  type IRole,
  ManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge, everyArn } from '../private/acknowledge';

const INFRASTRUCTURE_POLICY = 'AmazonECSInfrastructureRolePolicyForManagedInstances';

/**
 * The role by which Amazon ECS manages instances. AWS's policy lets it hand any role to an instance whose name begins with
 * `ecsInstanceRole`; this one may hand over the given role and no other, which then needs no name that two regions of an
 * account would both want. Statements stand in the role, so that they are there until the last instance is gone.
 */
export function defineInfrastructureRole(scope: Construct, id: string, instanceRole: IRole): Role {
  const role = new Role(scope, id, {
    description: 'Amazon ECS launches and ends the instances of replicas',
    assumedBy: new ServicePrincipal('ecs.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(INFRASTRUCTURE_POLICY)],
    inlinePolicies: {
      PassRole: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ['iam:PassRole'],
            resources: [instanceRole.roleArn],
            conditions: { StringLike: { 'iam:PassedToService': 'ec2.*' } },
          }),
          new PolicyStatement({
            effect: Effect.DENY,
            actions: ['iam:PassRole'],
            notResources: [instanceRole.roleArn],
          }),
        ],
      }),
    },
  });
  acknowledge(
    role,
    `IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${INFRASTRUCTURE_POLICY}]`,
    'AWS adds to the policy what new features of Managed Instances need; which role it may hand to an instance is limited here.',
  );
  return role;
}

/** The role of the agent on an instance. Replicas have their own, and images are pulled by the execution role. */
export function defineInstanceRole(scope: Construct, id: string, cluster: ICluster): Role {
  const stack = Stack.of(scope);
  const every = (resource: string) => stack.formatArn({ service: 'ecs', resource, resourceName: '*' });
  const ofCluster = { ArnEquals: { 'ecs:cluster': cluster.clusterArn } };
  const role = new Role(scope, id, {
    description: 'The agent of Amazon ECS on the instances of replicas',
    assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
    inlinePolicies: {
      Agent: new PolicyDocument({
        statements: [
          new PolicyStatement({ actions: ['ecs:DiscoverPollEndpoint'], resources: ['*'] }),
          new PolicyStatement({
            actions: ['ecs:RegisterContainerInstance', 'ecs:SubmitAttachmentStateChanges', 'ecs:SubmitTaskStateChange'],
            resources: [cluster.clusterArn],
          }),
          new PolicyStatement({
            actions: ['ecs:Poll', 'ecs:PutSystemLogEvents', 'ecs:StartTelemetrySession'],
            resources: [every('container-instance')],
            conditions: ofCluster,
          }),
          new PolicyStatement({ actions: ['ecs:Poll'], resources: [every('task-set')] }),
        ],
      }),
    },
  });
  acknowledge(role, 'IAM5[Resource::*]', 'ecs:DiscoverPollEndpoint cannot be limited to a resource.');
  acknowledge(
    role,
    `IAM5[Resource::${everyArn(scope, 'ecs', 'container-instance')}]`,
    'An instance has no id before it registers; the condition keeps the agent to those of its cluster.',
  );
  acknowledge(
    role,
    `IAM5[Resource::${everyArn(scope, 'ecs', 'task-set')}]`,
    'A set of tasks has no id before a deployment makes it; an agent asks for what it is to run.',
  );
  return role;
}
