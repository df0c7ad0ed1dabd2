/** What can be reached from where, judged over the whole templates of every variant and every example. */
import { describe, expect, test } from 'vitest';
import { testApp } from './assembly';
import * as surface from './surface';
import { type Json, resourcesIn, type StackTemplate, templatesOf, WHOLE_APPS } from './whole-apps';

/** Those that say `Access.public`, or `Access.custom` on the internet. */
const PUBLIC = [
  'publicApi',
  'publicWithKeys',
  'jwt',
  'byHost',
  'custom',
  'examples/jwt',
  'examples/public-with-api-keys',
];

/** Those who may read metrics, where a variant names somebody. */
const SCRAPERS = ['10.1.0.0/16'];

/** Actions that AWS lets nobody limit to a resource. */
const UNLIMITED = {
  'ecs:DiscoverPollEndpoint': 'where an agent finds ECS is no resource',
  'ecs:Poll': 'a condition limits it to the cluster of the instance',
  'ecs:StartTelemetrySession': 'a condition limits it to the cluster of the instance',
  'ecs:UpdateContainerInstancesState': 'a condition limits it to the cluster of the instance',
  'ecr:GetAuthorizationToken': 'a token is for the registry; what is pulled is limited',
  'elasticloadbalancing:DescribeTargetHealth': 'descriptions are of all load balancers or of none',
  'elasticloadbalancing:DescribeRules': 'descriptions are of all load balancers or of none',
  'ec2:CreateNetworkInterface': 'what a function in a VPC needs for its address',
  'ec2:DescribeNetworkInterfaces': 'what a function in a VPC needs for its address',
  'ec2:DescribeSubnets': 'what a function in a VPC needs for its address',
  'ec2:DeleteNetworkInterface': 'what a function in a VPC needs for its address',
  'ec2:AssignPrivateIpAddresses': 'what a function in a VPC needs for its address',
  'ec2:UnassignPrivateIpAddresses': 'what a function in a VPC needs for its address',
};

const JUDGES = {
  'lets in everywhere': surface.worldWide,
  'reaches a replica': surface.replicas(SCRAPERS),
  'has a public address': surface.publicAddresses,
  'may do anything': surface.permissions(UNLIMITED),
  'is an open bucket': surface.buckets,
  'is a secret': surface.secrets,
};

describe.each(WHOLE_APPS)('nothing in %s', (name, declare) => {
  const templates = () => {
    const app = testApp();
    declare(app);
    return templatesOf(app);
  };

  test.each(Object.entries(JUDGES))('%s', (_, judge) => {
    expect(judge(templates())).toEqual([]);
  });

  test('faces the internet unless that was said', () => {
    const schemes = resourcesIn(templates(), 'AWS::ElasticLoadBalancingV2::LoadBalancer').map(
      ({ properties }) => properties.Scheme,
    );
    expect(schemes.includes('internet-facing')).toBe(PUBLIC.includes(name));
  });
});

describe('a judge sees', () => {
  const resource = (Type: string, Properties: Json): StackTemplate[] => [
    { stack: 'Stack', template: { Resources: { It: { Type, Properties } } } },
  ];
  const group = (...rules: Json[]) => resource('AWS::EC2::SecurityGroup', { SecurityGroupIngress: rules });
  const policy = (statement: Json) =>
    resource('AWS::IAM::Policy', { PolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } });
  const task = (Name: string) =>
    resource('AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ Environment: [{ Name, Value: 'x' }] }] });

  test.each<[string, keyof typeof JUDGES, StackTemplate[]]>([
    ['the world at a port', 'lets in everywhere', group({ CidrIp: '0.0.0.0/0', FromPort: 443 })],
    ['the world over IPv6', 'lets in everywhere', group({ CidrIpv6: '::/0', IpProtocol: '-1' })],
    ['a network at the serving port', 'reaches a replica', group({ CidrIp: '10.0.0.0/16', FromPort: 8080 })],
    ['a network at all ports', 'reaches a replica', group({ CidrIp: '10.1.0.0/16', IpProtocol: '-1' })],
    ['a stranger at the management port', 'reaches a replica', group({ CidrIp: '10.9.0.0/16', FromPort: 8081 })],
    ['an instance', 'has a public address', resource('AWS::EC2::Instance', {})],
    ['a wild action', 'may do anything', policy({ Action: 's3:*', Resource: 'arn:aws:s3:::one' })],
    ['every action', 'may do anything', policy({ Action: ['*'], Resource: 'arn:aws:s3:::one' })],
    ['an action on everything', 'may do anything', policy({ Action: 's3:GetObject', Resource: '*' })],
    ['an open bucket', 'is an open bucket', resource('AWS::S3::Bucket', {})],
    ['a variable with a token', 'is a secret', task('HUB_TOKEN')],
    ['the value of a secret', 'is a secret', resource('AWS::SecretsManager::Secret', { SecretString: 'hush' })],
  ])('%s', (_, judge, templates) => {
    expect(JUDGES[judge](templates)).toHaveLength(1);
  });
});
