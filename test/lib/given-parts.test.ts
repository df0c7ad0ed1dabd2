/** Parts of a platform that are there already, and that are refused where they do not fit together. */
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, type ICluster } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListener,
  ApplicationLoadBalancer,
  type IApplicationListener,
  ListenerAction,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { ModelPlatform, type ModelPlatformProps } from '../../lib';
import { testApp } from './assembly';
import { apiIn, certificateIn, only, publicAccess, stackIn } from './declaration';
import { BALANCER_ARN, importedBalancer, importedListener, LISTENER_ARN } from './imported';

/** A load balancer that somebody else looks after. */
function givenLoadBalancer(stack: Stack): ApplicationLoadBalancer {
  return new ApplicationLoadBalancer(stack, 'Given', { vpc: new Vpc(stack, 'GivenVpc') });
}

/** One of which nothing else is known. */
function clusterByArn(stack: Stack): ICluster {
  return Cluster.fromClusterArn(stack, 'Cluster', 'arn:aws:ecs:eu-west-1:123456789012:cluster/shared');
}

describe('a platform', () => {
  test.each<[string, (stack: Stack) => ModelPlatformProps, string]>([
    [
      'vpc and cluster',
      (stack) => {
        const vpc = new Vpc(stack, 'Vpc');
        return { vpc, cluster: new Cluster(stack, 'Cluster', { vpc }) };
      },
      '[Stack/Platform] vpc and cluster exclude each other: the cluster has its VPC. Leave out vpc',
    ],
    [
      'a VPC without private subnets',
      (stack) => ({
        vpc: new Vpc(stack, 'Vpc', { subnetConfiguration: [{ name: 'p', subnetType: SubnetType.PUBLIC }] }),
      }),
      '[Stack/Platform] the subnets for replicas in the VPC Stack/Vpc are public, and without a public address nobody can pull an image there: give vpcSubnets that have a NAT gateway or endpoints',
    ],
    [
      'an imported listener without its load balancer',
      (stack) => ({
        listener: ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
          listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/b/c',
          securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1'),
        }),
      }),
      '[Stack/Platform] listener was imported and does not know its load balancer: give loadBalancer too',
    ],
    [
      'a certificate for a listener that has one',
      (stack) => ({
        certificate: certificateIn(stack),
        listener: givenLoadBalancer(stack).addListener('Listener', {
          port: 80,
          defaultAction: ListenerAction.fixedResponse(404),
        }),
      }),
      '[Stack/Platform] listener and certificate exclude each other: the given listener has its certificate. Leave out certificate, and let APIs bring further ones',
    ],
    [
      'an imported load balancer without a VPC',
      (stack) => ({
        loadBalancer: ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Balancer', {
          loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/b',
          securityGroupId: 'sg-1',
        }),
      }),
      '[Stack/Platform] loadBalancer was imported and does not know its VPC: give vpc or cluster too',
    ],
    [
      'a VPC without subnets',
      (stack) => ({
        vpc: Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'] }),
      }),
      '[Stack/Platform] the VPC Stack/Vpc has no subnets for replicas (vpcSubnets: private ones): give vpcSubnets that it has, or import it with its privateSubnetIds',
    ],
    [
      'a cluster that does not know its VPC',
      (stack) => ({ cluster: clusterByArn(stack) }),
      '[Stack/Platform] the cluster Stack/Cluster was imported and does not know its VPC: give vpc beside it, or import it by Cluster.fromClusterAttributes() with its vpc',
    ],
    [
      'a listener of another load balancer',
      (stack) => ({
        loadBalancer: givenLoadBalancer(stack),
        listener: new ApplicationLoadBalancer(stack, 'Other', { vpc: new Vpc(stack, 'OtherVpc') }).addListener(
          'Listener',
          {
            port: 80,
            defaultAction: ListenerAction.fixedResponse(404),
          },
        ),
      }),
      '[Stack/Platform] the listener Stack/Other/Listener is not one of the load balancer Stack/Given, but of Stack/Other: give the two that belong together',
    ],
    [
      'an imported listener of another load balancer',
      (stack) => ({
        vpc: new Vpc(stack, 'Vpc'),
        loadBalancer: importedBalancer(stack),
        listener: importedListener(stack, 80, LISTENER_ARN.replace('app/shared', 'app/other')),
      }),
      `[Stack/Platform] the listener Stack/Listener is not one of the load balancer Stack/Balancer, but of ${BALANCER_ARN.replace('app/shared', 'app/other')}: give the two that belong together`,
    ],
    [
      'a load balancer of another VPC',
      (stack) => ({ vpc: new Vpc(stack, 'Vpc'), loadBalancer: givenLoadBalancer(stack) }),
      '[Stack/Platform] the load balancer Stack/Given is in the VPC Stack/GivenVpc, and replicas would be in Stack/Vpc, where it finds no targets: give a load balancer and a vpc of one VPC',
    ],
  ])('refuses %s', (_, props, message) => {
    const stack = stackIn();
    expect(() => new ModelPlatform(stack, 'Platform', props(stack))).toThrow(message);
  });
});

test('a cluster that was imported by its ARN runs APIs in the VPC beside it', () => {
  const stack = stackIn();
  const platform = new ModelPlatform(stack, 'Platform', { vpc: new Vpc(stack, 'Vpc'), cluster: clusterByArn(stack) });
  apiIn(stack, { platform });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::ECS::Cluster', 0);
  expect(only(template, 'AWS::ECS::Service').Cluster).toBe('shared');
});

test.each<[string, (stack: Stack) => IApplicationListener]>([
  ['looked up too', (stack) => ApplicationListener.fromLookup(stack, 'Listener', { loadBalancerTags: { of: 'us' } })],
  ['imported', (stack) => importedListener(stack, 443)],
])('a load balancer that is yet to be looked up is not judged: its listener is %s', (_, listenerIn) => {
  const app = testApp();
  const stack = stackIn(app);
  const loadBalancer = ApplicationLoadBalancer.fromLookup(stack, 'Balancer', { loadBalancerTags: { of: 'us' } });
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    privateSubnetIds: ['subnet-1', 'subnet-2'],
  });
  const platform = new ModelPlatform(stack, 'Platform', { vpc, loadBalancer, listener: listenerIn(stack) });
  apiIn(stack, { platform, access: publicAccess(stack), priority: 1 });
  expect(() => app.synth()).not.toThrow();
});
