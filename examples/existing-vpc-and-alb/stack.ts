/** An API in a VPC, a cluster and behind a load balancer that other teams made, and use too. */
import { join } from 'node:path';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Access, ModelApi, ModelHandler, ModelPlatform } from 'cdk-model-api';
import type { Construct } from 'constructs';

/** What the console, or the team that owns the network, says. */
const BALANCER = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/services/50dc6c495c0c9188';

export default class ExistingVpcAndAlbStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      vpcCidrBlock: '10.20.0.0/16',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      privateSubnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-0f1e2d3c4b5a69788'],
      privateSubnetRouteTableIds: ['rtb-0a1b2c3d4e5f60718', 'rtb-0f1e2d3c4b5a69788'],
    });
    const cluster = Cluster.fromClusterAttributes(this, 'Cluster', { clusterName: 'services', vpc });
    const loadBalancer = ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(this, 'Balancer', {
      loadBalancerArn: BALANCER,
      loadBalancerDnsName: 'internal-services-1234567890.eu-west-1.elb.amazonaws.com',
      securityGroupId: 'sg-0a1b2c3d4e5f60718',
      vpc,
    });
    const listener = ApplicationListener.fromApplicationListenerAttributes(this, 'Listener', {
      listenerArn: `${BALANCER.replace('loadbalancer', 'listener')}/f2f7dc8efc522ab2`,
      securityGroup: SecurityGroup.fromSecurityGroupId(this, 'BalancerSecurityGroup', 'sg-0a1b2c3d4e5f60718'),
    });

    new ModelApi(this, 'Iris', {
      handler: ModelHandler.fromDirectory(join(__dirname, '../iris/model')),
      access: Access.internal(),
      platform: new ModelPlatform(this, 'Platform', { cluster, loadBalancer, listener, dashboard: false }),
      path: '/iris',
      priority: 120,
    });
  }
}
