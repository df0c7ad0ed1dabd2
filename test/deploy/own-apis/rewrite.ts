/** What refers to resources that moto's CloudFormation leaves out, and so was defined with a hole: written again whole. */
import { CloudWatchClient, GetDashboardCommand, PutDashboardCommand } from '@aws-sdk/client-cloudwatch';
import {
  DeregisterTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client, ModifyListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { inCamelCase, type OwnApi } from './own-api';

export const REWRITE_APIS: Record<string, OwnApi> = {
  'AWS::CloudWatch::Dashboard': async ({ DashboardBody }, options, DashboardName) => {
    const client = new CloudWatchClient(options);
    await client.send(new PutDashboardCommand({ DashboardName, DashboardBody }));
    const received = await client.send(new GetDashboardCommand({ DashboardName }));
    return { sent: JSON.parse(DashboardBody), received: JSON.parse(received.DashboardBody ?? '{}') };
  },

  // Under a family of its own, and not for long: a task definition cannot be changed, and a further revision would stay.
  'AWS::ECS::TaskDefinition': async (properties, options) => {
    const { tags, ...declared } = inCamelCase(properties) as RegisterTaskDefinitionCommandInput;
    const sent = { ...declared, family: `${declared.family}-again` };
    const client = new ECSClient(options);
    const { taskDefinition: received } = await client.send(new RegisterTaskDefinitionCommand(sent));
    await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: received?.taskDefinitionArn }));
    return { sent, received };
  },

  'AWS::ElasticLoadBalancingV2::Listener': async (properties, options, ListenerArn) => {
    const client = new ElasticLoadBalancingV2Client(options);
    const { LoadBalancerArn, ...changeable } = properties;
    const { Listeners } = await client.send(new ModifyListenerCommand({ ListenerArn, ...changeable }));
    return { sent: properties, received: Listeners?.[0] };
  },

  'AWS::IAM::Policy': async ({ PolicyName, PolicyDocument, Roles }, options) => {
    const client = new IAMClient(options);
    const [RoleName] = Roles as string[];
    const document = JSON.stringify(PolicyDocument);
    await client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: document }));
    const received = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    return { sent: PolicyDocument, received: JSON.parse(decodeURIComponent(received.PolicyDocument ?? '{}')) };
  },

  'AWS::Lambda::Function': async ({ Environment }, options, FunctionName) => {
    const client = new LambdaClient(options);
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment }));
    const received = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    return { sent: { Environment }, received };
  },
};
