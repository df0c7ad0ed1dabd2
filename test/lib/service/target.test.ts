/** How the load balancer finds a ready replica. */
import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { ModelPlatform, ServingTarget } from '../../../lib';
import { MAX_PRIORITY, priorityOf } from '../../../lib/private/priority';
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

  test('of a longer path comes first, and that of / last', () => {
    const stack = stackIn();
    const [root, one, two] = ['/', '/iris', '/iris/v2'].map((path) => priorityOf(stack, path)) as [
      number,
      number,
      number,
    ];
    expect([two < one, one < root, root <= MAX_PRIORITY, two >= 1]).toEqual([true, true, true, true]);
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

  test('refuses a priority that another API of the listener has', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    apiIn(stack, { platform, priority: 7, path: '/a' }, 'A');
    expect(() => apiIn(stack, { platform, priority: 7, path: '/b' }, 'B')).toThrow(
      '[Stack/B/Target] priority 7 on the listener Stack/Platform/Internal/Listener is taken by Stack/A/Target: give one of the two another priority',
    );
  });

  test.each([
    [undefined, '/'],
    ['/iris', '/iris'],
  ])('refuses path %s where another API of the listener has it', (path, named) => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    apiIn(stack, { platform, path }, 'A');
    expect(() => apiIn(stack, { platform, path, priority: 7 }, 'B')).toThrow(
      `[Stack/B/Target] path '${named}' on the listener Stack/Platform/Internal/Listener is taken by Stack/A/Target, and only one of the two would ever be called: give one of the two another path`,
    );
  });

  test.each([0, 50_001, 1.5])('refuses priority %d', (priority) => {
    expect(() => declared({ priority })).toThrow(
      `[Stack/Api/Target] priority must be an integer from 1 to 50000 (got ${priority})`,
    );
  });
});

test('a target by itself is judged as an API is', () => {
  const { vpc, listener } = apiIn(stackIn(), { path: '/a' });
  expect(() => new ServingTarget(listener, 'Target', { vpc, listener, path: 'b' })).toThrow(
    "[Stack/Api/Platform/Internal/Listener/Target] path must be '/' or segments",
  );
});
