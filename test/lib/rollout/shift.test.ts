/** A new version beside the old one, and callers led over: what is defined, and what is refused. */
import { Duration, Lazy, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { Access, Auth, Compute, Rollout, Scaling } from '../../../lib';
import type { ComputeBinding } from '../../../lib/compute/binding';
import { apiIn, certificateIn, declared, only, sampled, stackIn, warningsOf } from '../declaration';
import { blueGreen, named, RULE, SERVICE, shifted } from './shifted';

const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const ALARM = 'AWS::CloudWatch::Alarm';

/** Machines of which there are as many as there are replicas. */
class NoRoom extends Compute {
  public _bind(scope: Stack): ComputeBinding {
    return { ...Compute.fargate()._bind(scope), hasSpareCapacity: false };
  }
}

describe('the deployment', () => {
  test.each<[string, Rollout, object]>([
    ['blue/green', Rollout.blueGreen(), { Strategy: 'BLUE_GREEN', BakeTimeInMinutes: 5 }],
    [
      'a canary',
      Rollout.canary(),
      {
        Strategy: 'CANARY',
        BakeTimeInMinutes: 5,
        CanaryConfiguration: { CanaryPercent: 10, CanaryBakeTimeInMinutes: 10 },
      },
    ],
    [
      'equal steps',
      Rollout.linear(),
      { Strategy: 'LINEAR', BakeTimeInMinutes: 5, LinearConfiguration: { StepPercent: 20, StepBakeTimeInMinutes: 5 } },
    ],
    [
      'a canary of its own',
      Rollout.canary({ percent: 2.5, canaryBakeTime: Duration.hours(1), bakeTime: Duration.minutes(0) }),
      {
        Strategy: 'CANARY',
        BakeTimeInMinutes: 0,
        CanaryConfiguration: { CanaryPercent: 2.5, CanaryBakeTimeInMinutes: 60 },
      },
    ],
    [
      'steps of its own',
      Rollout.linear({ stepPercent: 50, stepBakeTime: Duration.minutes(1) }),
      { Strategy: 'LINEAR', LinearConfiguration: { StepPercent: 50, StepBakeTimeInMinutes: 1 } },
    ],
  ])('of %s is Amazon ECS’s own', (_, rollout, expected) => {
    const { DeploymentConfiguration, DeploymentController } = only(shifted(rollout), SERVICE);
    expect(DeploymentConfiguration).toMatchObject({
      MinimumHealthyPercent: 100,
      MaximumPercent: 200,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      Alarms: { Enable: true, Rollback: true, AlarmNames: [expect.any(String), expect.any(String)] },
      ...expected,
    });
    expect(DeploymentController).toEqual({ Type: 'ECS' });
  });

  test.each<[string, () => Rollout, string]>([
    ['percent', () => Rollout.canary({ percent: 0 }), 'percent must be from 0.1 to 99.9 in tenths (got 0)'],
    ['percent', () => Rollout.canary({ percent: 100 }), 'percent must be from 0.1 to 99.9 in tenths (got 100)'],
    ['percent', () => Rollout.canary({ percent: 1.25 }), 'percent must be from 0.1 to 99.9 in tenths (got 1.25)'],
    ['stepPercent', () => Rollout.linear({ stepPercent: 2 }), 'stepPercent must be from 3 to 100 in tenths (got 2)'],
    [
      'bakeTime',
      () => Rollout.blueGreen({ bakeTime: Duration.days(2) }),
      'bakeTime in minutes must be an integer from 0 to 1440 (got 2880)',
    ],
    [
      'canaryBakeTime',
      () => Rollout.canary({ canaryBakeTime: Duration.seconds(30) }),
      'canaryBakeTime in minutes must be an integer from 0 to 1440 (got 0.5)',
    ],
    [
      'the times together',
      () => Rollout.linear({ stepPercent: 10, stepBakeTime: Duration.hours(4) }),
      'a deployment would take 2165 minutes and the time that replicas need to start, and CloudFormation gives up after 2160: shorten the bake times',
    ],
    [
      'bakeTime of a token',
      () => Rollout.blueGreen({ bakeTime: Duration.minutes(Lazy.number({ produce: () => 1 })) }),
      'bakeTime must be known at synth',
    ],
  ])('refuses %s that Amazon ECS or CloudFormation would', (_, rollout, message) => {
    expect(() => shifted(rollout())).toThrow(message);
  });

  test.each<[string, Rollout]>([
    ['Rollout.blueGreen()', Rollout.blueGreen()],
    ['Rollout.canary()', Rollout.canary()],
    ['Rollout.linear()', Rollout.linear()],
  ])('of %s is refused without room for both versions', (name, rollout) => {
    expect(() => shifted(rollout, { compute: new NoRoom() })).toThrow(
      `[Stack/Api] ${name} runs all new replicas beside all old ones, and compute has no room for them: give compute room for twice as many replicas, or use Rollout.rolling()`,
    );
  });

  test('says when there is room for both versions at quiet times only', () => {
    class SomeRoom extends Compute {
      public _bind(scope: Stack): ComputeBinding {
        return { ...Compute.fargate()._bind(scope), roomFor: 11 };
      }
    }
    const warnings = (maxReplicas: number) => {
      const stack = stackIn();
      const scaling = Scaling.onConcurrency({ maxReplicas });
      apiIn(stack, { compute: new SomeRoom(), scaling, handler: sampled, rollout: Rollout.canary() });
      return warningsOf(stack);
    };
    expect(warnings(5)).toEqual([]);
    expect(warnings(6)).toEqual(['cdk-model-api:rolloutNeedsRoom']);
  });
});

describe('the alarms', () => {
  const errorPercent = (rollout: Rollout) =>
    named(shifted(rollout), ALARM, 'ApiRolloutServerErrors').Properties.Threshold;

  test.each<[string, Rollout, number]>([
    ['all callers at once', Rollout.blueGreen(), 5],
    ['a tenth of them first', Rollout.canary(), 5],
    ['a few of them first', Rollout.canary({ percent: 4 }), 2],
    ['small steps', Rollout.linear({ stepPercent: 3 }), 1.5],
    ['a share of its own', Rollout.canary({ rollbackErrorPercent: 1 }), 1],
    ['hardly anybody first, who fail too little to be told from the rest', Rollout.canary({ percent: 0.1 }), 0.5],
  ])('ring when half of those who meet the new version first are failed: %s', (_, rollout, threshold) => {
    expect(errorPercent(rollout)).toBe(threshold);
  });

  test.each<[string, () => Rollout]>([
    ['percent', () => Rollout.canary({ percent: 4, rollbackErrorPercent: 5 })],
    ['stepPercent', () => Rollout.linear({ stepPercent: 5, rollbackErrorPercent: 5 })],
  ])('must be able to ring at the first step: %s', (_, rollout) => {
    expect(() => shifted(rollout())).toThrow('with all of these failing the alarm would not ring. Give one below');
  });
});

describe('the two target groups', () => {
  test('are alike, and the rule begins with all requests to the first', () => {
    const template = blueGreen();
    const [first, second, ...others] = Object.values(template.findResources(GROUP)).map(({ Properties }) => Properties);
    expect(others).toEqual([]);
    expect(second).toEqual(first);
    const group = (id: RegExp) => ({ Ref: expect.stringMatching(id) });
    expect(only(template, RULE).Actions).toEqual([
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: group(/^ApiTargetGroup/), Weight: 100 },
            { TargetGroupArn: group(/^ApiTargetAlternateGroup/), Weight: 0 },
          ],
        },
      },
    ]);
  });

  test('are both known to the service, with the rule and a role that Amazon ECS alone takes', () => {
    const template = blueGreen();
    const [balancer] = only(template, SERVICE).LoadBalancers;
    expect(balancer.TargetGroupArn.Ref).toMatch(/^ApiTargetGroup/);
    expect(balancer.AdvancedConfiguration).toEqual({
      AlternateTargetGroupArn: { Ref: expect.stringMatching(/^ApiTargetAlternateGroup/) },
      ProductionListenerRule: { Ref: expect.stringMatching(/^ApiTargetRule/) },
      RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^ApiTrafficRole/), 'Arn'] },
    });
    const { AssumeRolePolicyDocument: trust } = named(template, 'AWS::IAM::Role', 'ApiTrafficRole').Properties;
    expect(trust.Statement.map(({ Principal }: { Principal: object }) => Principal)).toEqual([
      { Service: 'ecs.amazonaws.com' },
    ]);
  });

  test('are kept by a rolling rollout that is asked to, on the way to another one and back', () => {
    const template = declared({ rollout: Rollout.rolling({ alternateTargetGroup: true }) });
    const other = blueGreen();
    expect(template.findResources(RULE)).toEqual(other.findResources(RULE));
    expect(template.findResources(GROUP)).toEqual(other.findResources(GROUP));
    const { LoadBalancers, DeploymentConfiguration } = only(template, SERVICE);
    expect(LoadBalancers).toEqual(only(other, SERVICE).LoadBalancers);
    expect(DeploymentConfiguration).not.toHaveProperty('Strategy');
    expect(DeploymentConfiguration).not.toHaveProperty('LifecycleHooks');
  });

  test('are props of the API', () => {
    const api = apiIn(stackIn(), { rollout: Rollout.blueGreen() });
    expect(api.alternateTargetGroup?.node.path).toBe('Stack/Api/Target/AlternateGroup');
    expect(apiIn(stackIn()).alternateTargetGroup).toBeUndefined();
  });

  test.each([
    ['jwt-validation', Auth.jwt({ issuer: 'https://issuer.example', jwksEndpoint: 'https://issuer.example/keys' })],
  ])('do not stand behind an authentication of the load balancer: %s', (type, auth) => {
    const stack = stackIn();
    const access = Access.public({ certificate: certificateIn(stack), auth });
    expect(() => apiIn(stack, { access, rollout: Rollout.blueGreen() })).toThrow(
      `[Stack/Api/Target] rollout moves callers by the API's rule, and Amazon ECS fails a deployment whose rule does anything but forward (got ${type}): let replicas compare keys by Auth.apiKeys(), or use Rollout.rolling() without alternateTargetGroup`,
    );
  });

  test('have one rule also where browsers ask first, since none of them meets an authentication', () => {
    const stack = stackIn();
    const authentication = { authenticate: (next: ListenerAction) => next };
    const access = Access.custom(authentication, { certificate: certificateIn(stack) });
    apiIn(stack, { access, cors: { allowOrigins: ['*'] }, rollout: Rollout.blueGreen() });
    Template.fromStack(stack).resourceCountIs(RULE, 1);
  });
});

describe('what is watched', () => {
  test('is the sum of both groups, in alarms', () => {
    const template = blueGreen();
    const expressions = ['ApiNoReadyReplicasAlarm', 'ApiTargetConnectionErrorsAlarm'].map((id) => {
      const { Metrics } = named(template, ALARM, id).Properties;
      const groups = Metrics.slice(1).map(
        ({ MetricStat }: { MetricStat: { Metric: { Dimensions: { Value: object }[] } } }) =>
          JSON.stringify(MetricStat.Metric.Dimensions).match(/ApiTarget(Alternate)?Group/)?.[0],
      );
      return [Metrics[0].Expression, groups];
    });
    expect(expressions).toEqual([
      ['SUM([ready1, ready2])', ['ApiTargetGroup', 'ApiTargetAlternateGroup']],
      ['SUM([refused1, refused2])', ['ApiTargetGroup', 'ApiTargetAlternateGroup']],
    ]);
  });

  test('is the sum of both groups on the dashboard, and no group alone', () => {
    const body = JSON.stringify(only(blueGreen(), 'AWS::CloudWatch::Dashboard').DashboardBody);
    for (const expression of ['SUM([ready1, ready2])', 'SUM([other1, other2])', 'FILL(SUM([refused1, refused2]), 0)']) {
      expect(body).toContain(expression);
    }
    expect(body.match(/AlternateGroup/g)).toHaveLength(body.match(/ApiTargetGroup/g)?.length ?? 0);
  });

  test('never is a group alone in scaling', () => {
    const policies = blueGreen().findResources('AWS::ApplicationAutoScaling::ScalingPolicy');
    expect(JSON.stringify(policies)).not.toContain('TargetGroup');
  });
});
