/** A load balancer that was given is shared with others: what stands on one of its doors, and in which stack. */
import type { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnSecurityGroupIngress, type IPeer, Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { Access, Auth, ModelPlatform, type PublicAccessOptions, WebAcl } from '../../lib';
import { testApp } from './assembly';
import { apiIn, certificateIn, ENV, publicAccess, stackIn, warningsOf } from './declaration';
import { BALANCER_GROUP, importedBalancer, platformBehind } from './imported';

const ASSOCIATION = 'AWS::WAFv2::WebACLAssociation';
const CERTIFICATE = 'AWS::ElasticLoadBalancingV2::ListenerCertificate';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';

const signIn = {
  authenticate: (next: ListenerAction) =>
    ListenerAction.authenticateJwt({ issuer: 'https://i.example', jwksEndpoint: 'https://i.example/jwks', next }),
};

/** Rules of the imported group: [who, port]. */
function waysIn(stack: Stack): unknown[] {
  const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress'));
  const ours = rules.filter(({ Properties }) => Properties.GroupId === BALANCER_GROUP);
  return ours.map(({ Properties }) => [Properties.CidrIp ?? Properties.SourceSecurityGroupId, Properties.FromPort]);
}

function balancerIn(stack: Stack, internetFacing = false): ApplicationLoadBalancer {
  return new ApplicationLoadBalancer(stack, 'Given', { vpc: new Vpc(stack, 'GivenVpc'), internetFacing });
}

describe('a listener that was given', () => {
  const internal = () => Access.internal();

  test.each([
    [
      internal,
      publicAccess,
      'Access.public() is for the internet, and Access.internal() of Stack/One keeps the internet out',
    ],
    [
      publicAccess,
      internal,
      'Access.internal() keeps the internet out, and Access.public() of Stack/One is for the internet',
    ],
  ])('serves callers from one side', (one, other, reason) => {
    const stack = stackIn();
    const platform = platformBehind(stack, 443);
    apiIn(stack, { platform, access: one(stack), path: '/one', priority: 1 }, 'One');
    expect(() => apiIn(stack, { platform, access: other(stack), path: '/two', priority: 2 }, 'Two')).toThrow(
      `[Stack/Two] ${reason}, on port 443 of the load balancer Stack/Balancer: whoever reaches one reaches the other. Give the two different load balancers, such as by leaving out loadBalancer and listener of the platform`,
    );
  });

  test.each([
    [internal, publicAccess],
    [publicAccess, internal],
  ])('serves callers from one side, by whichever import', (one, other) => {
    const app = testApp();
    const [first, second] = [stackIn(app, 'First'), stackIn(app, 'Second')];
    apiIn(first, { platform: platformBehind(first, 443), access: one(first), path: '/one', priority: 1 });
    const props = { access: other(second), path: '/two', priority: 2 };
    expect(() => apiIn(second, { platform: platformBehind(second, 443), ...props })).toThrow('whoever reaches one');
  });

  test.each([80, 443])('speaks what its port says: %d', (port) => {
    const stack = stackIn();
    const platform = platformBehind(stack, port);
    const auth = Auth.jwt({ issuer: 'https://i.example', jwksEndpoint: 'https://i.example/jwks' });
    const access = Access.public({ certificate: certificateIn(stack), auth });
    const declare = () => apiIn(stack, { platform, access, priority: 1 });
    const message =
      '[Stack/Api] Access.public() is HTTPS, and the given listener Stack/Listener speaks HTTP: give one that speaks HTTPS, or leave out listener';
    if (port === 80) expect(declare).toThrow(new Error(message));
    else expect(declare).not.toThrow();
  });
});

describe('a load balancer that was imported', () => {
  const behindIt = (app: App, id: string, priority: number, allowFrom?: (stack: Stack) => IPeer[]) => {
    const stack = stackIn(app, id);
    const access = Access.internal({ allowFrom: allowFrom?.(stack) });
    apiIn(stack, { platform: platformBehind(stack, 80), access, path: `/${id}`, priority });
    return stack;
  };

  test('gets no rule that was not asked for, and the warning says who reaches the API then', () => {
    const app = testApp();
    const stacks = ['one', 'two'].map((id, index) => behindIt(app, id, index + 1));
    expect(stacks.map(waysIn)).toEqual([[], []]);
    for (const stack of stacks) expect(warningsOf(stack)).toContain('cdk-model-api:givenLoadBalancerExposure');
  });

  test.each<[string, (stack: Stack) => IPeer[], string]>([
    ['a range', () => [Peer.ipv4('10.9.0.0/16')], '10.9.0.0/16'],
    ['a group', (stack) => [SecurityGroup.fromSecurityGroupId(stack, 'Callers', 'sg-0callers')], 'sg-0callers'],
  ])('lets in %s once in an app, in the stack that comes first', (_, allowFrom, who) => {
    const app = testApp();
    const [one, two] = [behindIt(app, 'one', 1, allowFrom), behindIt(app, 'two', 2, allowFrom)];
    expect([one, two].map(waysIn)).toEqual([[[who, 80]], []]);
    expect(two.dependencies).toEqual([one]);
  });

  test('is refused for internal access where this app opens its group to everywhere', () => {
    const app = testApp();
    const stack = behindIt(app, 'one', 1);
    const everywhere = { groupId: BALANCER_GROUP, cidrIp: '0.0.0.0/0', ipProtocol: 'tcp', fromPort: 0, toPort: 99 };
    new CfnSecurityGroupIngress(stack, 'Open', everywhere);
    expect(() => app.synth()).toThrow('lets in everywhere on port 80, and internal access does not');
  });

  test.each<[string, (stack: Stack) => Partial<PublicAccessOptions>]>([
    [ASSOCIATION, () => ({ webAcl: WebAcl.standard() })],
    [CERTIFICATE, (stack) => ({ certificate: certificateIn(stack) })],
  ])('has one %s, in the first stack, and others wait for that', (type, optionsOf) => {
    const app = testApp();
    const stacks = ['one', 'two'].map((id) => stackIn(app, id));
    for (const [index, stack] of stacks.entries()) {
      const access = Access.public({ auth: Auth.none(), ...optionsOf(stack) });
      apiIn(stack, { platform: platformBehind(stack, 443), access, path: `/${index}`, priority: index + 1 });
    }
    expect(stacks.map((stack) => Object.keys(Template.fromStack(stack).findResources(type)).length)).toEqual([1, 0]);
    expect(stacks.map(({ dependencies }) => dependencies)).toEqual([[], [stacks[0]]]);
  });

  test('asks for one platform where the first stack waits for the second', () => {
    const app = testApp();
    const [one, two] = [stackIn(app, 'one'), stackIn(app, 'two')];
    one.addStackDependency(two);
    const declare = (stack: Stack, priority: number) => {
      const access = Access.public({ certificate: certificateIn(stack), auth: Auth.none() });
      apiIn(stack, { platform: platformBehind(stack, 443), access, path: `/${priority}`, priority });
    };
    declare(one, 1);
    expect(() => declare(two, 2)).toThrow(
      '[two/Api] the certificate two/Certificate-certificate on the listener two/Listener stands in the stack one for one/Platform/Public, and two cannot be deployed after it: give both APIs one ModelPlatform, in a stack of its own',
    );
  });

  test('is one that knows its name', () => {
    const stack = stackIn();
    const loadBalancer = importedBalancer(stack, { loadBalancerDnsName: undefined });
    expect(() => new ModelPlatform(stack, 'Platform', { vpc: new Vpc(stack, 'Vpc'), loadBalancer })).toThrow(
      '[Stack/Platform] the load balancer Stack/Balancer was imported and does not know its DNS name: give loadBalancerDnsName to fromApplicationLoadBalancerAttributes()',
    );
  });
});

describe('a port of a load balancer has one listener', () => {
  test('and not one of ours beside one that this app defined', () => {
    const stack = stackIn();
    const loadBalancer = balancerIn(stack);
    loadBalancer.addListener('There', { port: 80, open: false, defaultAction: ListenerAction.fixedResponse(404) });
    const platform = new ModelPlatform(stack, 'Platform', { loadBalancer });
    expect(() => apiIn(stack, { platform })).toThrow(
      '[Stack/Api] the given load balancer Stack/Given has the listener Stack/Given/There on port 80 already, and takes one: give the platform that listener, or let both APIs share its platform',
    );
  });

  test('whichever platform defines it, of whichever import', () => {
    const app = testApp();
    const [one, two] = [stackIn(app, 'one'), stackIn(app, 'two')];
    apiIn(one, { platform: platformBehind(one) });
    expect(() => apiIn(two, { platform: platformBehind(two) })).toThrow(
      '[two/Api] the given load balancer two/Balancer has the listener one/Platform/Internal/Listener on port 80 already',
    );
  });

  test('so that a sign-in inside has none beside a public API', () => {
    const stack = stackIn();
    const platform = platformBehind(stack);
    apiIn(stack, { platform, access: publicAccess(stack) }, 'Public');
    const access = Access.custom(signIn, { certificate: certificateIn(stack, 'inside') });
    expect(() => apiIn(stack, { platform, access }, 'Inside')).toThrow(
      '[Stack/Inside] Access.custom() keeps the internet out, and Access.public() of Stack/Public is for the internet, on port 443',
    );
  });
});

test('public access is refused on a load balancer of this app that is internal', () => {
  const stack = stackIn();
  const platform = new ModelPlatform(stack, 'Platform', { loadBalancer: balancerIn(stack) });
  expect(() => apiIn(stack, { platform, access: publicAccess(stack) })).toThrow(
    '[Stack/Api] the given load balancer Stack/Given is internal, and nobody on the internet reaches it, as Access.public() says: use Access.internal(), or give an internet-facing load balancer',
  );
});

test.each([true, false])('who redirects plain HTTP there is for its owner to say: %s', (redirects) => {
  const stack = stackIn();
  const loadBalancer = balancerIn(stack, true);
  if (redirects) loadBalancer.addRedirect();
  apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { loadBalancer }), access: publicAccess(stack) });
  Template.fromStack(stack).resourceCountIs(LISTENER, redirects ? 2 : 1);
  expect(warningsOf(stack).includes('cdk-model-api:givenLoadBalancerRedirect')).toBe(!redirects);
});

test('two teams import one load balancer as the example does, and neither touches what the other has', async () => {
  const { default: Example } = await import('../../examples/existing-vpc-and-alb/stack');
  for (const team of ['TeamA', 'TeamB']) {
    const stack = new Example(testApp(), team, { env: ENV });
    const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress'));
    const groups = rules.map(({ Properties }) => Properties.GroupId);
    expect(groups).not.toEqual([]);
    expect(groups.filter((group) => typeof group === 'string')).toEqual([]);
  }
});
