/**
 * For each resource type that moto's CloudFormation leaves out: the call by which CloudFormation would define it, made
 * to the service's own API, and what the service then says it has. The AWS SDK drops properties that the API does not
 * have, so that a misspelt one is missed in what comes back.
 */
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { AuthorizeSecurityGroupEgressCommand, DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateServiceCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  ECSClient,
  PutClusterCapacityProvidersCommand,
} from '@aws-sdk/client-ecs';
import { GetBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import type { clientOptions } from './deployment';

/** Properties of a resource, with every function of the template resolved. */
// biome-ignore lint/suspicious/noExplicitAny: they come from a template, whose types no SDK knows.
type Properties = any;

interface Echo {
  readonly sent: object;
  readonly received: object | undefined;
}

type OwnApi = (properties: Properties, options: ReturnType<typeof clientOptions>) => Promise<Echo>;

/** The keys are the exact list of types that moto 5.2.5 ignores in `examples/iris`. */
export const IGNORED_TYPES: Record<string, OwnApi> = {
  'AWS::ApplicationAutoScaling::ScalableTarget': async (sent, options) => {
    const client = new ApplicationAutoScalingClient(options);
    await client.send(new RegisterScalableTargetCommand(sent));
    const query = new DescribeScalableTargetsCommand({ ServiceNamespace: sent.ServiceNamespace });
    return { sent, received: (await client.send(query)).ScalableTargets?.[0] };
  },

  // Its template names the target by a reference, which `ignored.test.ts` replaces by the target's own properties.
  'AWS::ApplicationAutoScaling::ScalingPolicy': async (sent, options) => {
    const client = new ApplicationAutoScalingClient(options);
    await client.send(new RegisterScalableTargetCommand({ ...sent, MinCapacity: 1, MaxCapacity: 2 }));
    await client.send(new PutScalingPolicyCommand(sent));
    const query = new DescribeScalingPoliciesCommand({ ServiceNamespace: sent.ServiceNamespace });
    return { sent, received: (await client.send(query)).ScalingPolicies?.[0] };
  },

  'AWS::CloudWatch::Alarm': async (properties, options) => {
    const client = new CloudWatchClient(options);
    const sent = { AlarmName: properties.AlarmDescription, ...properties };
    await client.send(new PutMetricAlarmCommand(sent));
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [sent.AlarmName] }));
    return { sent, received: MetricAlarms?.[0] };
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

/** ECS alone writes in its API what CloudFormation writes with a capital first letter. */
function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key[0]?.toLowerCase() + key.slice(1), inCamelCase(item)]);
  return Object.fromEntries(entries);
}
