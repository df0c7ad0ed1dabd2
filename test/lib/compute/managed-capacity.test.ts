/** What is behind Managed Instances: who may do what, in which order it comes and goes, in whose cluster. */
import type { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { Compute, type ManagedInstancesOptions, ModelPlatform } from '../../../lib';
import { testApp } from '../assembly';
import { apiIn, declared, only, stackIn } from '../declaration';
import { TemplateGraph } from '../template-graph';

function on(options?: ManagedInstancesOptions): Template {
  return declared({ compute: Compute.managedInstances(options) });
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Condition?: object;
}

function statementsOf(template: Template, description: RegExp): Statement[] {
  const roles = Object.values(template.findResources('AWS::IAM::Role'));
  const [role] = roles.filter(({ Properties }) => description.test(Properties.Description ?? ''));
  return role?.Properties.Policies.flatMap(
    ({ PolicyDocument }: { PolicyDocument: { Statement: Statement[] } }) => PolicyDocument.Statement,
  );
}

describe('the roles', () => {
  test('let Amazon ECS hand the instances their role and no other', () => {
    const template = on();
    const [instanceRole] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([, { Properties }]) =>
      /agent/.test(Properties.Description ?? ''),
    ) as [[string, unknown]];
    const arn = { 'Fn::GetAtt': [instanceRole[0], 'Arn'] };
    expect(statementsOf(template, /launches and ends/)).toEqual([
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: arn,
        Condition: { StringLike: { 'iam:PassedToService': 'ec2.*' } },
      },
      { Effect: 'Deny', Action: 'iam:PassRole', NotResource: arn },
    ]);
  });

  test('have no names, which two regions of an account would both want', () => {
    const template = on();
    for (const type of ['AWS::IAM::Role', 'AWS::IAM::InstanceProfile'])
      for (const { Properties } of Object.values(template.findResources(type)))
        expect(Properties).not.toHaveProperty(type === 'AWS::IAM::Role' ? 'RoleName' : 'InstanceProfileName');
  });

  test('let an instance act for its own cluster alone', () => {
    const template = on();
    const [[cluster]] = Object.entries(template.findResources('AWS::ECS::Cluster')) as [[string, unknown]];
    const statements = statementsOf(template, /agent/);
    const limited = statements.filter((one) => JSON.stringify(one).includes(`["${cluster}","Arn"]`));
    const free = statements.filter((one) => !limited.includes(one));
    expect(free.flatMap(({ Action }) => Action)).toEqual(['ecs:DiscoverPollEndpoint', 'ecs:Poll']);
    expect(limited.flatMap(({ Action }) => Action)).toContain('ecs:RegisterContainerInstance');
  });
});

describe('a stack with Managed Instances', () => {
  let graph: TemplateGraph;
  let providers: string[];
  beforeEach(() => {
    graph = new TemplateGraph(on({ spotShare: 0.5 }));
    providers = graph.ids('AWS::ECS::CapacityProvider');
  });

  test('starts replicas when there are instances to have, and takes the instances away when the replicas are gone', () => {
    const [service = ''] = graph.ids('AWS::ECS::Service');
    expect(providers.map((provider) => graph.isAround(provider, service))).toEqual([true, true]);
    expect(providers.map((provider) => graph.isAround(service, provider))).toEqual([false, false]);
  });

  test.each([
    ['the cluster', 'AWS::ECS::Cluster'],
    ['its other capacity providers', 'AWS::ECS::ClusterCapacityProviderAssociations'],
    ['the way out', 'AWS::EC2::NatGateway'],
    ['the instance profile', 'AWS::IAM::InstanceProfile'],
  ])('keeps %s until the last instance is gone', (_, type) => {
    const needed = graph.ids(type);
    expect(needed.length).toBeGreaterThan(0);
    for (const id of needed) expect(providers.map((provider) => graph.isAround(id, provider))).toEqual([true, true]);
  });

  test('keeps every route, role and security group of the instances until then', () => {
    const needed = [
      ...graph.ids('AWS::EC2::Route').filter((id) => id.includes('Private')),
      ...graph.ids('AWS::IAM::Role').filter((id) => /Capacity/.test(id)),
      ...graph.ids('AWS::EC2::SecurityGroup').filter((id) => /Capacity/.test(id)),
    ];
    expect(needed).toHaveLength(5);
    expect(needed.filter((id) => !providers.every((provider) => graph.isAround(id, provider)))).toEqual([]);
  });

  test.each(['aws-models', 'ecs-models', 'fargate-models'])(
    'may be called %s, which AWS takes for no provider',
    (name) => {
      const stack = stackIn(testApp(), 'Stack', { stackName: name });
      apiIn(stack, { compute: Compute.managedInstances() });
      expect(only(Template.fromStack(stack), 'AWS::ECS::CapacityProvider').Name).toMatch(/^cp-/);
    },
  );
});

describe('a cluster', () => {
  const compute = Compute.managedInstances();

  function serving(app: App, clusterIn: (stack: Stack) => ModelPlatform): Template {
    const ours = stackIn(app, 'Ours');
    apiIn(ours, { platform: clusterIn(ours), compute });
    return Template.fromStack(ours);
  }

  test('of another stack gets a provider that stands with the API', () => {
    const app = testApp();
    const theirs = stackIn(app, 'Theirs');
    const template = serving(app, () => new ModelPlatform(theirs, 'Platform'));
    expect(only(template, 'AWS::ECS::CapacityProvider').ClusterName).toHaveProperty('Fn::ImportValue');
    expect(Template.fromStack(theirs).findResources('AWS::ECS::CapacityProvider')).toEqual({});
  });

  test('that was imported gets one too', () => {
    const template = serving(testApp(), (stack) => {
      const { vpc } = new ModelPlatform(stack, 'Network', { dashboard: false });
      const cluster = Cluster.fromClusterAttributes(stack, 'Theirs', { clusterName: 'theirs', vpc });
      return new ModelPlatform(stack, 'Platform', { cluster });
    });
    expect(only(template, 'AWS::ECS::CapacityProvider').ClusterName).toBe('theirs');
  });
});
