/** A listener at which a version can be called that has no callers yet. */
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  type IApplicationLoadBalancer,
  ListenerAction,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { ModelPlatform, Rollout, ServingTarget, type TestListenerOptions } from '../../../lib';
import { apiIn, only, sampled, stackIn } from '../declaration';
import { blueGreen, named, RULE, SERVICE } from './shifted';

describe('the test listener', () => {
  function withTest(options: Partial<TestListenerOptions> = {}): Template {
    const stack = stackIn();
    const loadBalancer = balancerIn(stack);
    const platform = new ModelPlatform(stack, 'Platform', { loadBalancer });
    const listener = testListenerOf(loadBalancer);
    apiIn(stack, {
      platform,
      path: '/iris',
      handler: sampled,
      rollout: Rollout.blueGreen({ testListener: { listener, ...options } }),
    });
    return Template.fromStack(stack);
  }

  function balancerIn(stack: Stack): ApplicationLoadBalancer {
    return new ApplicationLoadBalancer(stack, 'Balancer', { vpc: new Vpc(stack, 'Vpc') });
  }

  function testListenerOf(balancer: IApplicationLoadBalancer) {
    const defaultAction = ListenerAction.fixedResponse(404);
    return balancer.addListener('Test', { port: 8443, protocol: ApplicationProtocol.HTTP, open: false, defaultAction });
  }

  test('is none by default', () => {
    expect(only(blueGreen(), SERVICE).LoadBalancers[0].AdvancedConfiguration).not.toHaveProperty('TestListenerRule');
  });

  test('gets a rule that leads to the group without callers, of which the service knows', () => {
    const template = withTest({ host: 'try.example.com', priority: 9 });
    const { Properties } = named(template, RULE, 'ApiTargetTestRule');
    expect(Properties).toMatchObject({
      Priority: 9,
      Conditions: [
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/iris', '/iris/*'] } },
        { Field: 'host-header', HostHeaderConfig: { Values: ['try.example.com'] } },
      ],
      Actions: [
        {
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: { Ref: expect.stringMatching(/AlternateGroup/) }, Weight: 100 },
              { TargetGroupArn: { Ref: expect.stringMatching(/^ApiTargetGroup/) }, Weight: 0 },
            ],
          },
        },
      ],
    });
    const { AdvancedConfiguration } = only(template, SERVICE).LoadBalancers[0];
    expect(AdvancedConfiguration.TestListenerRule.Ref).toMatch(/^ApiTargetTestRule/);
  });

  test('must be of the load balancer that the target groups are of', () => {
    const stack = stackIn();
    const { loadBalancer } = apiIn(stack, {}, 'Other');
    const listener = testListenerOf(loadBalancer);
    expect(() => apiIn(stack, { rollout: Rollout.blueGreen({ testListener: { listener } }) })).toThrow(
      'testListener.listener Stack/Other/Platform/Internal/LoadBalancer/Test is of another load balancer than',
    );
  });

  test('has nothing to lead to where there is one group', () => {
    const stack = stackIn();
    const { listener, vpc } = apiIn(stack);
    const props = { vpc, listener, path: '/other', testListener: { listener } };
    expect(() => new ServingTarget(stack, 'Target', props)).toThrow(
      '[Stack/Target] testListener has nothing to lead to without alternateGroup: give both, or leave it out',
    );
  });

  test('may be the very listener of the API, under another host', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform', { loadBalancer: balancerIn(stack) });
    const { listener } = apiIn(stack, { platform, path: '/first', priority: 50 }, 'First');
    const testListener = { listener, host: 'try.example.com', priority: 5 };
    const rollout = Rollout.blueGreen({ testListener });
    apiIn(stack, { platform, path: '/iris', priority: 6, handler: sampled, rollout });
    Template.fromStack(stack).resourceCountIs(RULE, 3);
    const twice = Rollout.blueGreen({ testListener: { listener, priority: 5 } });
    expect(() => apiIn(stack, { platform, path: '/two', priority: 8, rollout: twice }, 'Two')).toThrow(
      'priority 5 on the listener',
    );
  });
});
