/** Internal access behind a load balancer that the world may reach: refused where this app can see it. */
import type { App, Stack } from 'aws-cdk-lib';
import { CfnSecurityGroupIngress, Peer, Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { Access, Auth, ModelPlatform } from '../../lib';
import { testApp } from './assembly';
import { apiIn, certificateIn, declared, stackIn, warningsOf } from './declaration';

function balancerIn(stack: Stack, internetFacing = false): ApplicationLoadBalancer {
  return new ApplicationLoadBalancer(stack, 'Given', { vpc: new Vpc(stack, 'GivenVpc'), internetFacing });
}

/** Synthesizes an internal API on a listener that is open to everywhere, or not. */
function behindListener(app: App, open: boolean) {
  const stack = stackIn(app);
  const defaultAction = ListenerAction.fixedResponse(404);
  const listener = balancerIn(stack).addListener('Listener', { port: 80, open, defaultAction });
  apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { listener }), priority: 1 });
  return () => app.synth();
}

describe('internal access', () => {
  test('is refused on a given load balancer that faces the internet', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform', { loadBalancer: balancerIn(stack, true) });
    expect(() => apiIn(stack, { platform })).toThrow(
      '[Stack/Api] the given load balancer Stack/Given faces the internet, and internal access keeps an API off it: use Access.public(), or give an internal load balancer',
    );
  });

  test('is refused on a given listener whose port is open to everywhere', () => {
    expect(behindListener(testApp(), true)).toThrow(
      '[Stack/Api] the security group Stack/Given/SecurityGroup of the given load balancer lets in everywhere on port 80, and internal access does not: let in networks only (a listener of the CDK opens its port unless it has open: false), or use Access.public()',
    );
    expect(behindListener(testApp(), false)).not.toThrow();
  });

  test.each([
    [443, false],
    [80, true],
  ])('looks at rules that are made later, and at its own port: %d', (port, refused) => {
    const app = testApp();
    const synth = behindListener(app, false);
    const balancer = app.node.findChild('Stack').node.findChild('Given') as ApplicationLoadBalancer;
    balancer.connections.allowFrom(Peer.ipv6('::/0'), Port.tcp(port));
    if (refused) expect(synth).toThrow('lets in everywhere on port 80');
    else expect(synth).not.toThrow();
  });

  test('says what it cannot see of an imported load balancer', () => {
    const stack = stackIn();
    const loadBalancer = ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Balancer', {
      loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shared/50dc6c495c0c9188',
      loadBalancerDnsName: 'shared.example',
      securityGroupId: 'sg-1',
      vpc: new Vpc(stack, 'Vpc'),
    });
    apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { loadBalancer }) });
    expect(warningsOf(stack)).toContain('cdk-model-api:givenLoadBalancerExposure');
  });

  test.each([
    ['0.0.0.0/1', 'tcp', true],
    ['0.0.0.0/0', '-1', true],
    ['0.0.0.0/0', 'tcp', true],
    ['10.0.0.0/8', 'tcp', false],
  ])('looks at rules that stand apart from the group: %s %s', (cidrIp, ipProtocol, refused) => {
    const app = testApp();
    const synth = behindListener(app, false);
    const stack = app.node.findChild('Stack') as Stack;
    const [group] = (stack.node.findChild('Given') as ApplicationLoadBalancer).connections.securityGroups;
    const ports = ipProtocol === '-1' ? { fromPort: -1, toPort: -1 } : { fromPort: 80, toPort: 80 };
    new CfnSecurityGroupIngress(stack, 'Apart', { groupId: group?.securityGroupId, cidrIp, ipProtocol, ...ports });
    if (refused) expect(synth).toThrow('lets in everywhere on port 80');
    else expect(synth).not.toThrow();
  });

  test('does not let in nobody', () => {
    expect(() => declared({ access: Access.internal({ allowFrom: [] }) })).toThrow(
      '[Stack/Api] Access.internal() has an empty allowFrom, by which nobody could call: give a security group, an address range or a prefix list, or leave it out',
    );
  });

  test.each(['10.0.0.0/8', 'fd00::/8'])('lets in a network as wide as %s', (range) => {
    const peer = range.includes(':') ? Peer.ipv6(range) : Peer.ipv4(range);
    expect(() => declared({ access: Access.internal({ allowFrom: [peer] }) })).not.toThrow();
  });

  test('lets in the range of a VPC that is yet to be looked up', () => {
    const stack = stackIn();
    const vpc = Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-1' });
    const access = Access.internal({ allowFrom: [Peer.ipv4(vpc.vpcCidrBlock)] });
    expect(() => apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { vpc }), access })).not.toThrow();
  });

  test.each(['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '2000::/3'])(
    'does not let in %s by allowFrom',
    (range) => {
      const peer = range.includes(':') ? Peer.ipv6(range) : Peer.ipv4(range);
      expect(() => declared({ access: Access.internal({ allowFrom: [peer] }) })).toThrow(
        `[Stack/Api] Access.internal() does not let in everywhere (allowFrom has ${range}): name networks, or use Access.public()`,
      );
    },
  );
});

test('an API that is public on purpose may stand on an open load balancer', () => {
  const stack = stackIn();
  const platform = new ModelPlatform(stack, 'Platform', { loadBalancer: balancerIn(stack, true) });
  const signIn = { authenticate: (next: ListenerAction) => next };
  const auth = Auth.none();
  const access = Access.custom(signIn, { internetFacing: true, certificate: certificateIn(stack), auth });
  expect(() => apiIn(stack, { platform, access })).not.toThrow();
});

test('a security group that was imported is nobody to judge', () => {
  const app = testApp();
  const stack = stackIn(app);
  const securityGroup = SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1');
  const vpc = new Vpc(stack, 'GivenVpc');
  const loadBalancer = new ApplicationLoadBalancer(stack, 'Given', { vpc, securityGroup });
  apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { loadBalancer }) });
  expect(() => app.synth()).not.toThrow();
});
