/**
 * What runs an API: its cluster, its scaling, its alarms and saved queries, the rules and policies of its neighbours. The
 * keys of the two tables are exactly the types that moto 5.2.5 leaves out of `examples/iris`.
 */
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, PutQueryDefinitionCommand } from '@aws-sdk/client-cloudwatch-logs';
import { AuthorizeSecurityGroupEgressCommand, DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateServiceCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  ECSClient,
  PutClusterCapacityProvidersCommand,
} from '@aws-sdk/client-ecs';
import { GetBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { type ClientOptions, inCamelCase, type OwnApi, type Properties } from './own-api';

export const SERVICE_APIS: Record<string, OwnApi> = {
  'AWS::ApplicationAutoScaling::ScalableTarget': async (sent, options) => {
    const client = new ApplicationAutoScalingClient(options);
    await client.send(new RegisterScalableTargetCommand(sent));
    const { ResourceId, ScalableDimension, ServiceNamespace } = sent;
    const query = new DescribeScalableTargetsCommand({ ServiceNamespace, ResourceIds: [ResourceId] });
    const physicalId = [ResourceId, ScalableDimension, ServiceNamespace].join('|');
    return { sent, received: (await client.send(query)).ScalableTargets?.[0], physicalId };
  },

  'AWS::ApplicationAutoScaling::ScalingPolicy': async ({ ScalingTargetId, ...properties }, options) => {
    const [ResourceId, ScalableDimension, ServiceNamespace] = ScalingTargetId.split('|');
    const sent = { ...properties, ResourceId, ScalableDimension, ServiceNamespace };
    const client = new ApplicationAutoScalingClient(options);
    await client.send(new PutScalingPolicyCommand(sent));
    const { ScalingPolicies } = await client.send(new DescribeScalingPoliciesCommand({ ServiceNamespace }));
    const received = ScalingPolicies?.find(({ PolicyName }) => PolicyName === sent.PolicyName);
    return { sent, received, physicalId: received?.PolicyARN };
  },

  'AWS::CloudWatch::Alarm': async (properties, options) => {
    const client = new CloudWatchClient(options);
    const sent = { AlarmName: properties.AlarmDescription, ...properties };
    await client.send(new PutMetricAlarmCommand(sent));
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [sent.AlarmName] }));
    return { sent, received: MetricAlarms?.[0], physicalId: sent.AlarmName };
  },

  'AWS::EC2::SecurityGroupEgress': async (properties, options) => {
    const { GroupId, DestinationSecurityGroupId, Description, IpProtocol, FromPort, ToPort } = properties;
    const peer = { GroupId: DestinationSecurityGroupId, Description };
    const sent = { IpProtocol, FromPort, ToPort, UserIdGroupPairs: [peer] };
    const client = new EC2Client(options);
    await client.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [sent] }));
    const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
    const rules = SecurityGroups?.[0]?.IpPermissionsEgress;
    return { sent, received: rules?.find((rule) => rule.FromPort === FromPort) };
  },

  'AWS::ECS::ClusterCapacityProviderAssociations': async (properties, options) => {
    const { cluster, ...sent } = inCamelCase(properties) as { cluster: string; capacityProviders: string[] };
    const client = new ECSClient(options);
    const strategy = { defaultCapacityProviderStrategy: [] };
    await client.send(new PutClusterCapacityProvidersCommand({ cluster, ...strategy, ...sent }));
    const { clusters } = await client.send(new DescribeClustersCommand({ clusters: [cluster] }));
    return { sent, received: clusters?.[0] };
  },

  'AWS::S3::BucketPolicy': async ({ Bucket, PolicyDocument }, options) => {
    const client = new S3Client(options);
    await client.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(PolicyDocument) }));
    const { Policy = '{}' } = await client.send(new GetBucketPolicyCommand({ Bucket }));
    return { sent: PolicyDocument, received: JSON.parse(Policy) };
  },
};

/** moto has not even the API of these: it refuses the call, and only the template assertions of test/lib hold them. */
export const WITHOUT_API: Record<string, (properties: Properties, options: ClientOptions) => Promise<unknown>> = {
  'AWS::CloudWatch::CompositeAlarm': (properties, options) =>
    new CloudWatchClient(options).send(new PutCompositeAlarmCommand(properties)),

  'AWS::Logs::QueryDefinition': (properties, options) =>
    new CloudWatchLogsClient(options).send(new PutQueryDefinitionCommand(inCamelCase(properties) as Properties)),
};

/** What moto's own ECS API forgets of a service: only the template assertions of test/lib hold these. */
export const FORGOTTEN_BY_ECS = [
  'availabilityZoneRebalancing',
  'capacityProviderStrategy',
  'deploymentConfiguration',
  'enableECSManagedTags',
  'healthCheckGracePeriodSeconds',
];

/** moto's CloudFormation knows the type, but takes cluster, task definition and count alone. */
export const ecsService: OwnApi = async (properties, options) => {
  const serviceName = 'as-declared';
  const { cluster, ...sent } = inCamelCase(properties) as { cluster: string };
  const client = new ECSClient(options);
  await client.send(new CreateServiceCommand({ ...sent, cluster, serviceName }));
  const { services } = await client.send(new DescribeServicesCommand({ cluster, services: [serviceName] }));
  return { sent, received: services?.[0] };
};
