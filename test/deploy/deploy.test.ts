/**
 * `cdk bootstrap`, `deploy` and `destroy` of `examples/iris` against a moto server, looked at through the AWS SDK. Shows
 * that the command line takes the app and that the plain resources come and go; docs/testing.md says what it does not.
 */
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { clientOptions, type DeployedStack, type Deployment, deploy, idOf as idIn } from './deployment';
import { inventory, keptInventory } from './inventory';

describeWith(['moto'], 'cdk bootstrap, deploy and destroy of examples/iris', () => {
  let iris: Deployment;

  beforeAll(async () => {
    iris = await deploy('iris');
  }, 120_000);
  afterAll(() => iris?.end());

  const idOf = (type: string) => idIn(iris.stacks[0] as DeployedStack, type);
  const ec2 = () => new EC2Client(clientOptions(iris.server));
  const ecs = () => new ECSClient(clientOptions(iris.server));
  const balancing = () => new ElasticLoadBalancingV2Client(clientOptions(iris.server));

  test('the template has no custom resource, whose function nothing here could run', () => {
    const types = Object.values(iris.stacks[0]?.template.Resources ?? {}).map(({ Type }) => Type);
    expect(types).not.toEqual([]);
    expect(types.filter((type) => /^Custom::|CustomResource$/.test(type))).toEqual([]);
  });

  test('the VPC has subnets of both kinds in two zones', async () => {
    const Filters = [{ Name: 'vpc-id', Values: [idOf('AWS::EC2::VPC')] }];
    const { Subnets = [] } = await ec2().send(new DescribeSubnetsCommand({ Filters }));
    const kinds = Subnets.map(({ Tags = [] }) => Tags.find(({ Key }) => Key === 'aws-cdk:subnet-type')?.Value);
    expect(kinds.sort()).toEqual(['Private', 'Private', 'Public', 'Public']);
    expect(new Set(Subnets.map(({ AvailabilityZone }) => AvailabilityZone)).size).toBe(2);
  });

  test('an internal load balancer answers 404 but for the rule of the API', async () => {
    const LoadBalancerArn = idOf('AWS::ElasticLoadBalancingV2::LoadBalancer');
    const { LoadBalancers } = await balancing().send(
      new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }),
    );
    expect(LoadBalancers?.[0]).toMatchObject({ Scheme: 'internal', Type: 'application' });
    const { Listeners } = await balancing().send(new DescribeListenersCommand({ LoadBalancerArn }));
    expect(Listeners?.[0]?.DefaultActions?.[0]).toMatchObject({ FixedResponseConfig: { StatusCode: '404' } });
    const ListenerArn = Listeners?.[0]?.ListenerArn;
    const { Rules = [] } = await balancing().send(new DescribeRulesCommand({ ListenerArn }));
    const forwarded = Rules.flatMap(({ Actions = [] }) => Actions.map(({ TargetGroupArn }) => TargetGroupArn));
    expect(forwarded.filter(Boolean)).toEqual([idOf('AWS::ElasticLoadBalancingV2::TargetGroup')]);
  });

  test('the target group asks the management port whether a replica is ready', async () => {
    const TargetGroupArns = [idOf('AWS::ElasticLoadBalancingV2::TargetGroup')];
    const { TargetGroups } = await balancing().send(new DescribeTargetGroupsCommand({ TargetGroupArns }));
    const expected = { Port: 8080, HealthCheckPort: '8081', HealthCheckPath: '/readyz', TargetType: 'ip' };
    expect(TargetGroups?.[0]).toMatchObject(expected);
  });

  test('the service runs the task definition, which runs the image of the asset', async () => {
    const service = await ecs().send(
      new DescribeServicesCommand({ cluster: idOf('AWS::ECS::Cluster'), services: [idOf('AWS::ECS::Service')] }),
    );
    expect(service.services?.[0]).toMatchObject({ status: 'ACTIVE', taskDefinition: idOf('AWS::ECS::TaskDefinition') });
    const { taskDefinition } = await ecs().send(
      new DescribeTaskDefinitionCommand({ taskDefinition: idOf('AWS::ECS::TaskDefinition') }),
    );
    const [container] = taskDefinition?.containerDefinitions ?? [];
    expect(container?.image).toMatch(new RegExp(`:${iris.assembly.images[0]}$`));
    expect(container).toMatchObject({ user: '10001:10001', readonlyRootFilesystem: true });
  });

  test('moto forgets which target group the service registers with', async () => {
    const service = await ecs().send(
      new DescribeServicesCommand({ cluster: idOf('AWS::ECS::Cluster'), services: [idOf('AWS::ECS::Service')] }),
    );
    expect(service.services?.[0]?.loadBalancers).toEqual([]);
  });

  test('destroy leaves nothing but what its removal policy keeps', async () => {
    for (const [kind, names] of Object.entries(await inventory(iris))) expect(names, kind).not.toEqual([]);
    await iris.assembly.cdk('destroy', iris.assembly.selector, '--force');
    expect(await inventory(iris)).toEqual(keptInventory(iris));
  }, 60_000);
});
