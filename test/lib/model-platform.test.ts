/** What APIs share: of its own, given, and in a stack of its own. */
import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ListenerAction,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { Access, Auth, Compute, ModelPlatform } from '../../lib';
import { testApp } from './assembly';
import { apiIn, certificateIn, declared, only, publicAccess, stackIn, warningsOf, zoneIn } from './declaration';

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';

function attribute(template: Template, key: string): string | undefined {
  const { LoadBalancerAttributes } = only(template, LOAD_BALANCER);
  return LoadBalancerAttributes.find(({ Key }: { Key: string }) => Key === key)?.Value;
}

/** A load balancer that somebody else looks after. */
function givenLoadBalancer(stack: Stack): ApplicationLoadBalancer {
  return new ApplicationLoadBalancer(stack, 'Given', { vpc: new Vpc(stack, 'GivenVpc') });
}

describe('a platform of its own', () => {
  test('has two zones, one NAT gateway, an S3 endpoint and flow logs', () => {
    const template = declared();
    template.resourceCountIs('AWS::EC2::Subnet', 4);
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    template.resourceCountIs('AWS::EC2::FlowLog', 1);
    expect(only(template, 'AWS::EC2::VPCEndpoint').VpcEndpointType).toBe('Gateway');
  });

  test('has a cluster with the capacity providers that services name', () => {
    const { CapacityProviders } = only(declared(), 'AWS::ECS::ClusterCapacityProviderAssociations');
    expect(CapacityProviders).toEqual(['FARGATE', 'FARGATE_SPOT']);
  });

  test('has a load balancer that drops what is no HTTP', () => {
    expect(attribute(declared(), 'routing.http.drop_invalid_header_fields.enabled')).toBe('true');
    expect(attribute(declared(), 'routing.http.desync_mitigation_mode')).toBe('defensive');
  });

  test('waits for the slowest of its APIs', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    apiIn(stack, { platform, path: '/a', requestTimeout: Duration.seconds(200) }, 'A');
    apiIn(stack, { platform, path: '/b' }, 'B');
    expect(attribute(Template.fromStack(stack), 'idle_timeout.timeout_seconds')).toBe('205');
  });

  test('logs who called to an encrypted bucket, for 90 days', () => {
    const bucket = only(declared(), 'AWS::S3::Bucket');
    expect(bucket.BucketEncryption.ServerSideEncryptionConfiguration).toHaveLength(1);
    expect(bucket.LifecycleConfiguration.Rules[0].ExpirationInDays).toBe(90);
    expect(attribute(declared(), 'access_logs.s3.enabled')).toBe('true');
  });

  test('that is destroyed empties its access logs first, and not before the load balancer has gone', () => {
    const template = declared({ removalPolicy: RemovalPolicy.DESTROY });
    const [emptied] = Object.keys(template.findResources('Custom::S3AutoDeleteObjects'));
    const [loadBalancer] = Object.values(template.findResources(LOAD_BALANCER));
    expect(loadBalancer?.DependsOn).toContain(emptied);
    declared().resourceCountIs('Custom::S3AutoDeleteObjects', 0);
  });

  test('without a region says that access logs are off', () => {
    const stack = stackIn(testApp(), 'Stack', {});
    apiIn(stack);
    expect(warningsOf(stack)).toEqual(['cdk-model-api:noAccessLogs']);
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
  });

  test('has nothing to warn of in a stack with a region', () => {
    const stack = stackIn();
    apiIn(stack);
    expect(warningsOf(stack)).toEqual([]);
  });

  test('opens a door for each kind of access, not for each API', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    for (const name of ['a', 'b']) apiIn(stack, { platform, path: `/${name}` }, name);
    apiIn(stack, { platform, path: '/c', access: publicAccess(stack) }, 'c');
    Template.fromStack(stack).resourceCountIs(LOAD_BALANCER, 2);
  });
});

describe('a platform of given parts', () => {
  test('uses the VPC of the given cluster, and says which capacity providers that needs', () => {
    const stack = stackIn();
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
    apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { cluster }) });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::VPC', 1);
    template.resourceCountIs('AWS::ECS::Cluster', 1);
    expect(warningsOf(stack)).toEqual(['cdk-model-api:givenClusterCapacityProviders']);
  });

  test.each([
    [
      (stack: Stack, vpc: Vpc) => Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'shared', vpc }),
      'shared',
    ],
    [(stack: Stack, vpc: Vpc) => new Cluster(stack, 'Cluster', { vpc }), '<its name>'],
  ])('names the cluster in the command where its name is known', (clusterIn, name) => {
    const stack = stackIn();
    const cluster = clusterIn(stack, new Vpc(stack, 'Vpc'));
    apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { cluster }) });
    const command = `aws ecs put-cluster-capacity-providers --cluster ${name} --capacity-providers <all that it has already> FARGATE FARGATE_SPOT`;
    Annotations.fromStack(stack).hasWarning('/Stack/Platform', Match.stringLikeRegexp(command));
  });

  test('is not asked for the capacity providers of Fargate where no API runs there', () => {
    const stack = stackIn();
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
    const platform = new ModelPlatform(stack, 'Platform', { cluster });
    apiIn(stack, { platform, path: '/a', compute: Compute.managedInstances() });
    expect(warningsOf(stack)).toEqual([]);
    for (const id of ['B', 'C']) apiIn(stack, { platform, path: `/${id}` }, id);
    expect(warningsOf(stack)).toEqual(['cdk-model-api:givenClusterCapacityProviders']);
  });

  test('uses the given load balancer, and says how long it must wait', () => {
    const stack = stackIn();
    apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { loadBalancer: givenLoadBalancer(stack) }) });
    const template = Template.fromStack(stack);
    template.resourceCountIs(LOAD_BALANCER, 1);
    template.resourceCountIs('AWS::EC2::VPC', 1);
    expect(only(template, LISTENER).Port).toBe(80);
    expect(warningsOf(stack)).toEqual(['cdk-model-api:givenLoadBalancerIdleTimeout']);
  });

  test('adds a rule to the given listener, and leaves its default action alone', () => {
    const stack = stackIn();
    const listener = givenLoadBalancer(stack).addListener('Listener', {
      port: 8000,
      protocol: ApplicationProtocol.HTTP,
      open: false,
      defaultAction: ListenerAction.fixedResponse(418),
    });
    const api = apiIn(stack, {
      platform: new ModelPlatform(stack, 'Platform', { listener }),
      path: '/iris',
      priority: 7,
    });
    const template = Template.fromStack(stack);
    expect(only(template, LISTENER).DefaultActions[0].FixedResponseConfig.StatusCode).toBe('418');
    expect(stack.resolve(api.url)['Fn::Join'][1].at(-1)).toBe(':8000/iris');
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ FromPort: 8000 })],
    });
  });

  test.each([
    [undefined, 'http://shared.example/iris', 80],
    [8443, 'http://shared.example:8443/iris', 8443],
    [443, 'https://shared.example/iris', 443],
  ])('uses a listener and a load balancer that were imported, with port %s', (defaultPort, url, port) => {
    const stack = stackIn();
    const securityGroup = SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1');
    const arn =
      'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shared/50dc6c495c0c9188/f2f7dc8efc522ab2';
    const listener = ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
      listenerArn: arn,
      securityGroup,
      defaultPort,
    });
    const loadBalancer = ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Balancer', {
      loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shared/50dc6c495c0c9188',
      loadBalancerDnsName: 'shared.example',
      securityGroupId: 'sg-1',
    });
    const platform = new ModelPlatform(stack, 'Platform', { vpc: new Vpc(stack, 'Vpc'), loadBalancer, listener });
    const access = Access.internal({ allowFrom: [Peer.ipv4('10.9.0.0/16')] });
    const api = apiIn(stack, { platform, access, path: '/iris', priority: 7 });
    expect(api.url).toBe(url);
    expect(warningsOf(stack)).toContain('cdk-model-api:givenLoadBalancerExposure');
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', { ListenerArn: arn });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: 'sg-1',
      FromPort: port,
      CidrIp: '10.9.0.0/16',
    });
  });

  test('refuses to serve public access over a listener without encryption', () => {
    const stack = stackIn();
    const listener = givenLoadBalancer(stack).addListener('Listener', {
      port: 80,
      open: false,
      defaultAction: ListenerAction.fixedResponse(404),
    });
    const platform = new ModelPlatform(stack, 'Platform', { listener });
    expect(() => apiIn(stack, { platform, access: publicAccess(stack), priority: 7 })).toThrow(
      '[Stack/Api] Access.public() is HTTPS, and the given listener Stack/Given/Listener speaks HTTP: give one that speaks HTTPS, or leave out listener',
    );
  });
});

describe('a platform in a stack of its own', () => {
  const twoStacks = () => {
    const app = testApp();
    const shared = stackIn(app, 'Shared');
    return { app, shared, mine: stackIn(app, 'Mine') };
  };

  test('knows nothing of the APIs that use it', () => {
    const { app, shared, mine } = twoStacks();
    apiIn(mine, { platform: new ModelPlatform(shared, 'Platform') });
    app.synth();
    expect(mine.dependencies).toEqual([shared]);
    expect(shared.dependencies).toEqual([]);
    Template.fromStack(mine).resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 1);
    Template.fromStack(shared).resourceCountIs(LISTENER, 1);
  });

  const accesses: [string, (stack: Stack, name: string) => Access][] = [
    ['internal', () => Access.internal()],
    [
      'public',
      (stack, name) =>
        Access.public({ domainName: `${name}.example.com`, hostedZone: zoneIn(stack), auth: Auth.none() }),
    ],
  ];

  test.each(accesses)('exports no more for several %s APIs than for one', (_, accessOf) => {
    const exportsWith = (names: string[]) => {
      const { app, shared } = twoStacks();
      const platform = new ModelPlatform(shared, 'Platform', { certificate: certificateIn(shared) });
      for (const name of names) {
        const stack = stackIn(app, name);
        apiIn(stack, { platform, path: `/${name}`, access: accessOf(stack, name) });
      }
      app.synth();
      return Object.keys(Template.fromStack(shared).findOutputs('*'));
    };
    const one = exportsWith(['a']);
    expect(one).not.toEqual([]);
    expect(exportsWith(['a', 'b', 'c'])).toEqual(one);
  });

  test("may be made in the APIs' stack of parts from another", () => {
    const { app, shared, mine } = twoStacks();
    const loadBalancer = givenLoadBalancer(shared);
    const cluster = new Cluster(shared, 'Cluster', { vpc: loadBalancer.vpc });
    apiIn(mine, { platform: new ModelPlatform(mine, 'Platform', { cluster, loadBalancer }) });
    app.synth();
    expect(shared.dependencies).toEqual([]);
    Template.fromStack(mine).resourceCountIs(LISTENER, 1);
  });

  test("refuses a certificate that the API's stack defines", () => {
    const { shared, mine } = twoStacks();
    const certificate = new Certificate(mine, 'Certificate', { domainName: 'iris.example' });
    const access = Access.public({ certificate, auth: Auth.none() });
    expect(() => apiIn(mine, { platform: new ModelPlatform(shared, 'Platform'), access })).toThrow(
      '[Mine/Api] certificate Mine/Certificate and the platform that needs it are in different stacks, and Mine depends on Shared: define the certificate in Shared',
    );
  });
});
