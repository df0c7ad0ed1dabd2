/** What an account holds beside what it began with and the bootstrap stack: one name a resource, by kind. */
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeClustersCommand,
  ECSClient,
  ListClustersCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { clientOptions, type Deployment, resourcesOf } from './deployment';

export type Inventory = Record<string, (string | undefined)[]>;

/** What is left when every stack was destroyed: what its removal policy keeps. */
export function keptInventory({ stacks }: Deployment): Inventory {
  const logGroups = stacks.flatMap((stack) =>
    resourcesOf(stack, 'AWS::Logs::LogGroup')
      .filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain')
      .map(([id]) => stack.physicalIds.get(id)),
  );
  const nothing = { vpcs: [], loadBalancers: [], targetGroups: [], clusters: [], taskDefinitions: [] };
  return { ...nothing, roles: [], functions: [], rules: [], logGroups: logGroups.sort() };
}

export async function inventory({ server }: Deployment): Promise<Inventory> {
  const options = clientOptions(server);
  const vpcs = await new EC2Client(options).send(new DescribeVpcsCommand());
  const balancing = new ElasticLoadBalancingV2Client(options);
  const loadBalancers = await balancing.send(new DescribeLoadBalancersCommand());
  const targetGroups = await balancing.send(new DescribeTargetGroupsCommand());
  const ecs = new ECSClient(options);
  const { clusterArns = [] } = await ecs.send(new ListClustersCommand());
  const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: clusterArns }));
  const roles = await new IAMClient(options).send(new ListRolesCommand());
  const functions = await new LambdaClient(options).send(new ListFunctionsCommand());
  const rules = await new EventBridgeClient(options).send(new ListRulesCommand());
  const logGroups = await new CloudWatchLogsClient(options).send(new DescribeLogGroupsCommand());
  return {
    vpcs: vpcs.Vpcs?.filter(({ IsDefault }) => !IsDefault).map(({ VpcId }) => VpcId) ?? [],
    loadBalancers: loadBalancers.LoadBalancers?.map(({ LoadBalancerName }) => LoadBalancerName) ?? [],
    targetGroups: targetGroups.TargetGroups?.map(({ TargetGroupName }) => TargetGroupName) ?? [],
    clusters: clusters?.filter(({ status }) => status === 'ACTIVE').map(({ clusterName }) => clusterName) ?? [],
    taskDefinitions: (await ecs.send(new ListTaskDefinitionsCommand())).taskDefinitionArns ?? [],
    roles: roles.Roles?.map(({ RoleName }) => RoleName).filter((name) => !name?.startsWith('cdk-')) ?? [],
    functions: functions.Functions?.map(({ FunctionName }) => FunctionName) ?? [],
    rules: rules.Rules?.map(({ Name }) => Name) ?? [],
    logGroups: logGroups.logGroups?.map(({ logGroupName }) => logGroupName).sort() ?? [],
  };
}
