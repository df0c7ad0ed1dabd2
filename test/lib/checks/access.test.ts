/** Rules of the way of a request: who may send one, and how long the load balancer waits for its answer. */
import { CfnParameter, Duration, SecretValue, type Stack } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { CfnService } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListener,
  ApplicationListenerRule,
  ApplicationLoadBalancer,
  type CfnListener,
  type CfnLoadBalancer,
  ListenerAction,
  ListenerCondition,
  UnauthenticatedAction,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Access, Auth, ModelPlatform } from 'cdk-model-api';
import { describe, expect, test } from 'vitest';
import { certificateIn, keysIn, publicAccess, stackIn } from '../declaration';
import { checkedApp, found, foundIn, foundInForeign, foundInOurs, ours } from './checked';
import { type Foreign, vpcIn } from './foreign';

const ISSUER = 'https://issuer.example.com';
const BALANCER = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/theirs/0123456789abcdef';

const oidc = (onUnauthenticatedRequest: UnauthenticatedAction, next: ListenerAction) =>
  ListenerAction.authenticateOidc({
    issuer: ISSUER,
    authorizationEndpoint: `${ISSUER}/authorize`,
    tokenEndpoint: `${ISSUER}/token`,
    userInfoEndpoint: `${ISSUER}/user`,
    clientId: 'client',
    clientSecret: SecretValue.secretsManager('client'),
    onUnauthenticatedRequest,
    next,
  });

/** An API behind a listener that was defined in another app. */
function oursBehindTheirs(stack: Stack): void {
  const vpc = vpcIn(stack);
  const listener = ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
    listenerArn: `${BALANCER.replace('loadbalancer', 'listener')}/0123456789abcdef`,
    securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'BalancerGroup', 'sg-0123456789abcdef0'),
  });
  const loadBalancer = ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Balancer', {
    loadBalancerArn: BALANCER,
    loadBalancerDnsName: 'theirs.example.com',
    securityGroupId: 'sg-0123456789abcdef0',
    vpc,
  });
  const platform = new ModelPlatform(stack, 'Platform', { vpc, loadBalancer, listener });
  ours(stack, { platform, path: '/iris', priority: 7 });
}

describe('PublicWithoutAuth', () => {
  const rule = (path: string) => `error PublicWithoutAuth Stack/${path}`;

  test('is kept inside the VPC', () => {
    expect(found((stack) => ours(stack))).toEqual([]);
    expect(foundInForeign()).toEqual([]);
  });

  test('is kept by keys, and by tokens that the load balancer verifies', () => {
    const withKeys = (stack: Stack) =>
      ours(stack, { access: Access.public({ certificate: certificateIn(stack), auth: Auth.apiKeys(keysIn(stack)) }) });
    const withTokens = (stack: Stack) => {
      const auth = Auth.jwt({
        issuer: ISSUER,
        jwksEndpoint: `${ISSUER}/jwks`,
        claims: [{ name: 'aud', values: ['us'] }],
      });
      const cors = { allowOrigins: ['https://app.example.com'] };
      ours(stack, { access: Access.public({ certificate: certificateIn(stack), auth }), cors });
    };
    expect(found(withKeys)).toEqual([]);
    expect(found(withTokens)).toEqual([]);
  });

  test('is broken by an API that is for everybody', () => {
    expect(found((stack) => ours(stack, { access: publicAccess(stack) }))).toEqual([rule('Api/Target/Rule/Resource')]);
  });

  test('is broken by what an internet-facing listener does by default', () => {
    expect(foundInForeign({ internetFacing: true })).toEqual([rule('Balancer/Listener/Resource')]);
  });

  test('is broken by a rule, beside a default that asks', () => {
    const ruled = ({ listener, targetGroup }: Foreign) => {
      const forward = ListenerAction.forward([targetGroup]);
      const conditions = [ListenerCondition.pathPatterns(['/free'])];
      new ApplicationListenerRule(listener, 'Free', { listener, priority: 1, conditions, action: forward });
      askByDefault(listener, UnauthenticatedAction.DENY, forward);
    };
    expect(foundInForeign({ internetFacing: true }, ruled)).toEqual([rule('Balancer/Listener/Free/Resource')]);
  });

  test.each([
    [UnauthenticatedAction.DENY, []],
    [UnauthenticatedAction.ALLOW, [rule('Balancer/Listener/Resource')]],
  ])('goes by what becomes of those who are not known: %s', (unauthenticated, expected) => {
    const asked = ({ listener, targetGroup }: Foreign) =>
      askByDefault(listener, unauthenticated, ListenerAction.forward([targetGroup]));
    expect(foundInForeign({ internetFacing: true }, asked)).toEqual(expected);
  });

  test('is kept by certificates of callers', () => {
    const mutual = ({ listener }: Foreign) =>
      (listener.node.defaultChild as CfnListener).addPropertyOverride('MutualAuthentication', { Mode: 'verify' });
    expect(foundInForeign({ internetFacing: true }, mutual)).toEqual([]);
  });

  test("takes CloudFormation's default where nothing says which side the load balancer faces", () => {
    const silent = ({ loadBalancer }: Foreign) =>
      (loadBalancer.node.defaultChild as CfnLoadBalancer).addPropertyDeletionOverride('Scheme');
    expect(foundInForeign({}, silent)).toEqual([rule('Balancer/Listener/Resource')]);
  });

  test('is seen across stacks', () => {
    const app = checkedApp();
    const shared = stackIn(app, 'Shared');
    const platform = new ModelPlatform(shared, 'Platform', { certificate: certificateIn(shared) });
    ours(stackIn(app), { platform, access: Access.public({ auth: Auth.none() }), path: '/a' });
    expect(foundIn(shared)).toEqual([rule('Api/Target/Rule/Resource')]);
  });

  test('is not judged behind a load balancer of another app, or on a side that only the deployment knows', () => {
    expect(found(oursBehindTheirs)).toContain('info PublicWithoutAuth Stack/Api/Target/Rule/Resource');
    const open = ({ loadBalancer }: Foreign) => {
      const { valueAsString: scheme } = new CfnParameter(loadBalancer, 'Scheme');
      (loadBalancer.node.defaultChild as CfnLoadBalancer).scheme = scheme;
    };
    expect(foundInForeign({}, open)).toEqual(['info PublicWithoutAuth Stack/Balancer/Listener/Resource']);
  });

  test('is not judged where another app says what a replica runs', () => {
    const theirs = ({ service }: Foreign) => {
      (service.node.defaultChild as CfnService).taskDefinition = 'theirs:7';
    };
    expect(foundInForeign({ internetFacing: true }, theirs)).toEqual([
      'info MutableTag Stack/Service/Service',
      'info PublicWithoutAuth Stack/Balancer/Listener/Resource',
    ]);
  });
});

function askByDefault(
  listener: ApplicationListener,
  unauthenticated: UnauthenticatedAction,
  next: ListenerAction,
): void {
  const actions = oidc(unauthenticated, next).renderActions();
  (listener.node.defaultChild as CfnListener).defaultActions = actions;
}

describe('DeadlineAboveIdleTimeout', () => {
  const OURS = 'DeadlineAboveIdleTimeout Stack/Api/Service/Service';

  test("is kept by an API's own load balancer, however long a request may take", () => {
    expect(found((stack) => ours(stack, { requestTimeout: Duration.minutes(5) }))).toEqual([]);
  });

  test('is broken by a given load balancer that does not wait for as long', () => {
    const behind = (idle: number | undefined, requestTimeout: number) =>
      found((stack) => {
        const vpc = vpcIn(stack);
        const idleTimeout = idle === undefined ? undefined : Duration.seconds(idle);
        const loadBalancer = new ApplicationLoadBalancer(stack, 'Balancer', { vpc, idleTimeout });
        const platform = new ModelPlatform(stack, 'Platform', { vpc, loadBalancer });
        ours(stack, { platform, requestTimeout: Duration.seconds(requestTimeout) });
      });
    expect(behind(undefined, 55)).toEqual([]);
    expect(behind(undefined, 60)).toEqual([`error ${OURS}`]);
    expect(behind(300, 60)).toEqual([]);
    expect(behind(300, 301)).toEqual([`error ${OURS}`]);
  });

  test('is not judged where another app, or the deployment, says how long the load balancer waits', () => {
    expect(found(oursBehindTheirs)).toContain(`info ${OURS}`);
    const findings = found((stack) => {
      const vpc = vpcIn(stack);
      const loadBalancer = new ApplicationLoadBalancer(stack, 'Balancer', { vpc });
      const { valueAsString: seconds } = new CfnParameter(stack, 'Idle');
      loadBalancer.setAttribute('idle_timeout.timeout_seconds', seconds);
      ours(stack, { platform: new ModelPlatform(stack, 'Platform', { vpc, loadBalancer }) });
    });
    expect(findings).toEqual([`info ${OURS}`]);
  });

  test('does not take the time in which a replica of others leaves for a deadline', () => {
    for (const seconds of [50, 120, 300]) {
      expect(foundInForeign({ targets: { deregistrationDelay: Duration.seconds(seconds) } })).toEqual([]);
    }
  });

  test('does not concern a service that no load balancer leads to', () => {
    const alone = foundInOurs({}, ({ service }) =>
      (service.node.defaultChild as CfnService).addPropertyDeletionOverride('LoadBalancers'),
    );
    expect(alone.filter((finding) => finding.includes('Deadline'))).toEqual([]);
  });
});
