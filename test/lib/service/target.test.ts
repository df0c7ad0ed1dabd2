/** How the load balancer finds a ready replica. */
import { Duration, SecretValue } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { type IListenerAuthentication, ModelPlatform, ServingTarget } from '../../../lib';
import { apiIn, declared, only, stackIn } from '../declaration';

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';

describe('the target group', () => {
  test('asks for readiness where nobody but the load balancer can', () => {
    expect(only(declared(), GROUP)).toMatchObject({
      TargetType: 'ip',
      Port: 8080,
      HealthCheckPath: '/readyz',
      HealthCheckPort: '8081',
      HealthCheckIntervalSeconds: 10,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 3,
    });
  });

  test('sends each request to the replica with the fewest', () => {
    const { TargetGroupAttributes } = only(declared(), GROUP);
    const algorithm = { Key: 'load_balancing.algorithm.type', Value: 'least_outstanding_requests' };
    expect(TargetGroupAttributes).toContainEqual(algorithm);
  });

  test('lets a leaving replica finish what it may take', () => {
    const template = declared({ requestTimeout: Duration.seconds(90) });
    const { TargetGroupAttributes } = only(template, GROUP);
    expect(TargetGroupAttributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '95' });
  });
});

describe('the rule', () => {
  test.each([
    [undefined, ['/*']],
    ['/', ['/*']],
    ['/iris', ['/iris', '/iris/*']],
    ['/team/iris', ['/team/iris', '/team/iris/*']],
  ])('of path %s leads %j to the API', (path, patterns) => {
    declared({ path }).hasResourceProperties(RULE, {
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: patterns } }],
      Actions: [Match.objectLike({ Type: 'forward' })],
    });
  });

  test.each(['iris.example.com', '*.example.com'])('of host %s asks for it beside the path', (host) => {
    declared({ path: '/iris', host }).hasResourceProperties(RULE, {
      Conditions: [
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/iris', '/iris/*'] } },
        { Field: 'host-header', HostHeaderConfig: { Values: [host] } },
      ],
    });
  });

  test('keeps its priority when other APIs come', () => {
    const priorityOfA = (others: string[]) => {
      const stack = stackIn();
      const platform = new ModelPlatform(stack, 'Platform');
      for (const name of [...others, 'a']) apiIn(stack, { platform, path: `/${name}` }, name);
      const rules = Object.values(Template.fromStack(stack).findResources(RULE)).map(({ Properties }) => Properties);
      return rules.find(({ Conditions }) => Conditions[0].PathPatternConfig.Values[0] === '/a').Priority;
    };
    expect(priorityOfA(['b', 'c'])).toBe(priorityOfA([]));
  });

  test('takes the priority that is given', () => {
    expect(only(declared({ priority: 7 }), RULE).Priority).toBe(7);
  });

  test.each([0, 50_001, 1.5])('refuses priority %d', (priority) => {
    expect(() => declared({ priority })).toThrow(
      `[Stack/Api/Target] priority must be an integer from 1 to 50000 (got ${priority})`,
    );
  });
});

describe('what stands before the replicas', () => {
  const parts = (authentication: IListenerAuthentication) => {
    const { vpc, listener } = apiIn(stackIn(), { path: '/a' });
    return () => new ServingTarget(listener, 'Own', { vpc, listener, path: '/b', authentication });
  };
  const endpoint = 'https://issuer.example.com';
  const oidc = {
    issuer: endpoint,
    tokenEndpoint: endpoint,
    userInfoEndpoint: endpoint,
    authorizationEndpoint: endpoint,
  };
  const client = { clientId: 'iris', clientSecret: SecretValue.secretsManager('oidc') };

  test('is refused when it leads nowhere', () => {
    expect(parts({ authenticate: () => ListenerAction.fixedResponse(403) })).toThrow(
      'authentication must end in the next action, by which requests reach the API (got ["fixed-response"]): pass next on',
    );
  });

  test.each([
    ['another target group', (other: ListenerAction) => other, 'got ["forward"] to another target group'],
    ['nothing', () => undefined as never, 'got []'],
  ])('is refused when it leads to %s', (_, authenticate, got) => {
    const { targetGroup } = apiIn(stackIn(), { path: '/other' });
    expect(parts({ authenticate: () => authenticate(ListenerAction.forward([targetGroup])) })).toThrow(
      `[Stack/Api/Platform/Internal/Listener/Own] authentication must end in the next action, by which requests reach the API (${got}): pass next on`,
    );
  });

  test('is refused when it is an action', () => {
    expect(parts(ListenerAction.fixedResponse(403) as never)).toThrow(
      'authentication must be an object with authenticate(), such as { authenticate: (next) => ListenerAction.authenticateOidc({ …, next }) } (got an object of ListenerAction)',
    );
  });

  test('is refused over plain HTTP', () => {
    const authenticate = (next: ListenerAction) => ListenerAction.authenticateOidc({ ...oidc, ...client, next });
    expect(parts({ authenticate })).toThrow(
      'authentication by authenticate-oidc needs HTTPS, and the listener Stack/Api/Platform/Internal/Listener speaks HTTP',
    );
  });
});

test('a target needs a network and a listener, which plain JavaScript may leave out', () => {
  expect(() => new ServingTarget(stackIn(), 'Target', {} as never)).toThrow(
    '[Stack/Target] vpc must be the VPC in which the replicas run (got undefined)\n[Stack/Target] listener must be the listener that gets the rule (got undefined)',
  );
});

test('a target by itself is judged as an API is', () => {
  const { vpc, listener } = apiIn(stackIn(), { path: '/a' });
  expect(() => new ServingTarget(listener, 'Target', { vpc, listener, path: 'b' })).toThrow(
    "[Stack/Api/Platform/Internal/Listener/Target] path must be '/' or segments",
  );
});
