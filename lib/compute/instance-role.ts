/**
 * What an instance may do: register with its one cluster and say how its tasks do. Images, logs and secrets are the
 * execution role's of each task, and what a handler may do is its task role's.
 */
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';

export function defineInstanceRole(scope: Construct, { clusterArn }: ICluster): Role {
  const statements = [
    { actions: ['ecs:DiscoverPollEndpoint'], resources: ['*'] },
    {
      actions: [
        'ecs:RegisterContainerInstance',
        'ecs:DeregisterContainerInstance',
        'ecs:SubmitAttachmentStateChanges',
        'ecs:SubmitContainerStateChange',
        'ecs:SubmitTaskStateChange',
      ],
      resources: [clusterArn],
    },
    {
      // The last one is how an instance on Spot stops to take replicas once it is told to go.
      actions: ['ecs:Poll', 'ecs:StartTelemetrySession', 'ecs:UpdateContainerInstancesState'],
      resources: ['*'],
      conditions: { ArnEquals: { 'ecs:cluster': clusterArn } },
    },
  ];
  const role = new Role(scope, 'InstanceRole', {
    description: 'Instances of a fleet for model APIs',
    assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
    inlinePolicies: {
      Agent: new PolicyDocument({ statements: statements.map((one) => new PolicyStatement(one)) }),
    },
  });
  acknowledge(
    role,
    'IAM5[Resource::*]',
    'ecs:DiscoverPollEndpoint cannot be limited to a cluster; the other actions on everything are, by the condition ecs:cluster.',
  );
  return role;
}
