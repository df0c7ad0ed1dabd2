/** Where a platform stands: subnets of load balancers and of replicas, account, region and stage. */
import { type App, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type SubnetSelection, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, test } from 'vitest';
import { Access, ModelPlatform, type ModelPlatformProps } from '../../lib';
import { testApp } from './assembly';
import { apiIn, ENV, only, publicAccess, stackIn, warningsOf } from './declaration';

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

describe('the subnets of a load balancer', () => {
  const tiers = (stack: Stack) =>
    new Vpc(stack, 'Vpc', {
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      subnetConfiguration: [
        { name: 'dmz', subnetType: SubnetType.PUBLIC },
        { name: 'edge', subnetType: SubnetType.PUBLIC },
        { name: 'data', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'app', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      ],
    });
  const app = { subnetGroupName: 'app' };

  test.each<[string, (stack: Stack) => Access, Partial<ModelPlatformProps>, string]>([
    ['the first private tier', () => Access.internal(), {}, 'data'],
    ['that of the replicas', () => Access.internal(), { vpcSubnets: app }, 'app'],
    [
      'those that were said',
      () => Access.internal(),
      { vpcSubnets: app, loadBalancerSubnets: { subnetGroupName: 'data' } },
      'data',
    ],
    ['the first public tier', publicAccess, { vpcSubnets: app }, 'dmz'],
    ['public ones that were said', publicAccess, { loadBalancerSubnets: { subnetGroupName: 'edge' } }, 'edge'],
  ])('are one in each zone: %s', (_, accessOf, props, tier) => {
    const stack = stackIn();
    apiIn(stack, {
      platform: new ModelPlatform(stack, 'Platform', { vpc: tiers(stack), ...props }),
      access: accessOf(stack),
    });
    const refs = only(Template.fromStack(stack), LOAD_BALANCER).Subnets.map(({ Ref }: { Ref: string }) => Ref);
    expect(refs).toEqual([expect.stringContaining(`Vpc${tier}Subnet1`), expect.stringContaining(`Vpc${tier}Subnet2`)]);
  });

  test('are in two zones where replicas are in one', () => {
    const stack = stackIn();
    const vpc = tiers(stack);
    const vpcSubnets = { subnets: vpc.privateSubnets.slice(0, 1) };
    apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { vpc, vpcSubnets }) });
    expect(only(Template.fromStack(stack), LOAD_BALANCER).Subnets).toHaveLength(2);
  });

  test('that were named one by one are filtered too', () => {
    const stack = stackIn();
    const vpc = tiers(stack);
    apiIn(stack, {
      platform: new ModelPlatform(stack, 'Platform', { vpc, vpcSubnets: { subnets: vpc.privateSubnets } }),
    });
    expect(only(Template.fromStack(stack), LOAD_BALANCER).Subnets).toHaveLength(2);
  });

  test.each<[string, (stack: Stack) => Access, string]>([
    [
      'one zone',
      () => Access.internal(),
      'an internal load balancer needs subnets in 2 zones, and in the VPC Stack/Vpc there are 1 to choose from (eu-west-1a): give the platform loadBalancerSubnets in 2 zones, or a VPC that has private ones there',
    ],
    [
      'no public subnets',
      publicAccess,
      'an internet-facing load balancer needs subnets in 2 zones, and in the VPC Stack/Vpc there are 0 to choose from: give the platform loadBalancerSubnets in 2 zones, or a VPC that has public ones there',
    ],
  ])('are refused in a VPC of %s', (_, accessOf, message) => {
    const stack = stackIn();
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      vpcCidrBlock: '10.0.0.0/16',
      availabilityZones: ['eu-west-1a'],
      privateSubnetIds: ['subnet-1'],
    });
    const platform = new ModelPlatform(stack, 'Platform', { vpc });
    expect(() => apiIn(stack, { platform, access: accessOf(stack) })).toThrow(message);
  });
});

describe('a platform of another place than the API is refused', () => {
  const other = { env: { ...ENV, region: 'us-east-1' } };

  test.each([
    [
      'region',
      (app: App) => stackIn(app, 'Shared', other),
      'platform Shared/Platform is deployed to aws://123456789012/us-east-1, and the API to aws://123456789012/eu-west-1: give both stacks the same env',
    ],
    [
      'environment',
      (app: App) => stackIn(app, 'Shared', {}),
      'platform Shared/Platform is deployed to aws://unknown-account/unknown-region, and the API to aws://123456789012/eu-west-1: give both stacks the same env',
    ],
    [
      'stage',
      (app: App) => new Stack(new Stage(app, 'Other'), 'Shared', { env: ENV }),
      'platform Other/Shared/Platform is in another stage, which is deployed apart: define a platform in the stage of the API',
    ],
  ])('%s', (_, sharedIn, message) => {
    const app = testApp();
    const platform = new ModelPlatform(sharedIn(app), 'Platform');
    expect(() => apiIn(stackIn(app, 'Mine'), { platform })).toThrow(`[Mine/Api] ${message}`);
  });
});

test('a platform in subnets without a way out says which endpoints they need', () => {
  const isolated = { name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED };
  const warned = (vpcSubnets?: SubnetSelection) => {
    const stack = stackIn();
    const vpc = new Vpc(stack, 'Vpc', { subnetConfiguration: [...Vpc.DEFAULT_SUBNETS, isolated] });
    new ModelPlatform(stack, 'Platform', { vpc, vpcSubnets });
    return warningsOf(stack);
  };
  expect(warned({ subnetType: SubnetType.PRIVATE_ISOLATED })).toEqual(['cdk-model-api:isolatedSubnets']);
  expect(warned()).toEqual([]);
});
