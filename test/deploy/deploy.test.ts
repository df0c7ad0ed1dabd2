/**
 * `cdk bootstrap`, `deploy` and `destroy` of `examples/iris` against a moto server, looked at through the AWS SDK. Shows
 * that the command line takes the app and that the plain resources come and go; docs/testing.md says what it does not.
 */
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListClustersCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { STACK } from './cdk';
import { clientOptions, type Deployment, deployIris } from './deployment';
import { IGNORED_TYPES } from './own-apis';

describeWith(['moto'], 'cdk bootstrap, deploy and destroy of examples/iris', () => {
  let iris: Deployment;

  beforeAll(async () => {
    iris = await deployIris();
  }, 120_000);
  afterAll(() => iris?.end());

  /** The physical id of the only resource of a type. */
  function idOf(type: string): string {
    const named = Object.entries(iris.assembly.template.Resources).filter(([, { Type }]) => Type === type);
    expect(named, type).toHaveLength(1);
    return iris.physicalIds.get(named[0]?.[0] ?? '') ?? '';
  }

  const ec2 = () => new EC2Client(clientOptions(iris.server));
  const ecs = () => new ECSClient(clientOptions(iris.server));
  const balancing = () => new ElasticLoadBalancingV2Client(clientOptions(iris.server));

  test('moto defines every type of the template but exactly these', () => {
    const missing = Object.entries(iris.assembly.template.Resources).filter(([id]) => !iris.physicalIds.has(id));
    expect([...new Set(missing.map(([, { Type }]) => Type))].sort()).toEqual(Object.keys(IGNORED_TYPES).sort());
  });

  test('the template has no custom resource, whose function nothing here could run', () => {
    const types = Object.values(iris.assembly.template.Resources).map(({ Type }) => Type);
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
    expect((await inventory(iris)).roles).not.toEqual([]);
    await iris.assembly.cdk('destroy', STACK, '--force');
    const kept = Object.entries(iris.assembly.template.Resources).filter(
      ([, { DeletionPolicy }]) => DeletionPolicy === 'Retain',
    );
    const logGroups = kept
      .filter(([, { Type }]) => Type === 'AWS::Logs::LogGroup')
      .map(([id]) => iris.physicalIds.get(id));
    expect(await inventory(iris)).toEqual({
      vpcs: [],
      loadBalancers: [],
      targetGroups: [],
      clusters: [],
      taskDefinitions: [],
      roles: [],
      functions: [],
      logGroups: logGroups.sort(),
    });
  }, 60_000);
});

/** What an account holds beside the default VPC and the bootstrap stack: one name a resource, by kind. */
async function inventory({ server }: Deployment): Promise<Record<string, (string | undefined)[]>> {
  const options = clientOptions(server);
  const vpcs = await new EC2Client(options).send(new DescribeVpcsCommand());
  const balancing = new ElasticLoadBalancingV2Client(options);
  const ecs = new ECSClient(options);
  const { clusterArns = [] } = await ecs.send(new ListClustersCommand());
  const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: clusterArns }));
  const roles = await new IAMClient(options).send(new ListRolesCommand());
  const functions = await new LambdaClient(options).send(new ListFunctionsCommand());
  const logGroups = await new CloudWatchLogsClient(options).send(new DescribeLogGroupsCommand());
  return {
    vpcs: vpcs.Vpcs?.filter(({ IsDefault }) => !IsDefault).map(({ VpcId }) => VpcId) ?? [],
    loadBalancers:
      (await balancing.send(new DescribeLoadBalancersCommand())).LoadBalancers?.map(
        ({ LoadBalancerName }) => LoadBalancerName,
      ) ?? [],
    targetGroups:
      (await balancing.send(new DescribeTargetGroupsCommand())).TargetGroups?.map(
        ({ TargetGroupName }) => TargetGroupName,
      ) ?? [],
    clusters: clusters?.filter(({ status }) => status === 'ACTIVE').map(({ clusterName }) => clusterName) ?? [],
    taskDefinitions: (await ecs.send(new ListTaskDefinitionsCommand())).taskDefinitionArns ?? [],
    roles: roles.Roles?.map(({ RoleName }) => RoleName).filter((name) => !name?.startsWith('cdk-')) ?? [],
    functions: functions.Functions?.map(({ FunctionName }) => FunctionName) ?? [],
    logGroups: logGroups.logGroups?.map(({ logGroupName }) => logGroupName).sort() ?? [],
  };
}
