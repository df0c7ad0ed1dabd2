/** A new version beside the old one, and callers led over: what is defined, and what is refused. */
import { Duration, Lazy, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationLoadBalancer,
  type IApplicationLoadBalancer,
  ListenerAction,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import {
  Access,
  Auth,
  type BlueGreenOptions,
  type CanaryOptions,
  Compute,
  type LinearOptions,
  type ModelApiProps,
  ModelPlatform,
  Rollout,
} from '../../lib';
import type { ComputeBinding } from '../../lib/compute/binding';
import { testApp } from './assembly';
import { apiIn, certificateIn, declared, keysIn, only, sampled, stackIn, warningsOf } from './declaration';

const SERVICE = 'AWS::ECS::Service';
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const FUNCTION = 'AWS::Lambda::Function';
const ALARM = 'AWS::CloudWatch::Alarm';

function shifted(rollout: Rollout, props: Partial<ModelApiProps> = {}): Template {
  return declared({ handler: sampled, rollout, ...props });
}

const blueGreen = (options?: BlueGreenOptions) => shifted(Rollout.blueGreen(options));

/** Machines of which there are as many as there are replicas. */
class NoRoom extends Compute {
  public _bind(scope: Stack): ComputeBinding {
    return { ...Compute.fargate()._bind(scope), hasSpareCapacity: false };
  }
}

/** By the beginning of their logical ids. */
// biome-ignore lint/suspicious/noExplicitAny: properties are as their type has them.
function named(template: Template, type: string, start: string): any {
  const found = Object.entries(template.findResources(type)).filter(([id]) => id.startsWith(start));
  expect(found).toHaveLength(1);
  return found[0]?.[1];
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

  test('replica by replica has a gap without room, and says so unless somebody counted', () => {
    const compute = new NoRoom();
    const stack = stackIn();
    apiIn(stack, { compute });
    expect(warningsOf(stack)).toEqual(['cdk-model-api:noSpareCapacity']);
    const other = stackIn();
    apiIn(other, { compute, rollout: Rollout.rolling({ minHealthyPercent: 50 }) });
    expect(warningsOf(other)).toEqual(['cdk-model-api:rolloutStandsStill']);
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
      `[Stack/Api/Target] rollout moves callers by the API's rule, and Amazon ECS fails a deployment whose rule does anything but forward (got ${type}): let replicas compare keys by Auth.apiKeys(), or use Rollout.rolling()`,
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

describe('the function that judges a new version', () => {
  const judge = (template: Template) => named(template, FUNCTION, 'ApiRolloutCheckFunction');
  const settings = (options: BlueGreenOptions['check']) =>
    JSON.parse(judge(blueGreen({ check: options })).Properties.Environment.Variables.ROLLOUT_CHECK);

  test('is asked when the new replicas run, by a role that may call it and nothing else', () => {
    const template = blueGreen();
    expect(only(template, SERVICE).DeploymentConfiguration.LifecycleHooks).toEqual([
      {
        HookTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^ApiRolloutCheckFunction/), 'Arn'] },
        LifecycleStages: ['POST_SCALE_UP'],
        RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^ApiRolloutCheckCallerRole/), 'Arn'] },
      },
    ]);
    const { PolicyDocument } = named(template, 'AWS::IAM::Policy', 'ApiRolloutCheckCallerRole').Properties;
    expect(PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^ApiRolloutCheckFunction/), 'Arn'] },
      },
    ]);
  });

  test('knows both groups, the rule, the path and by what it judges', () => {
    const { Environment, Timeout, Handler } = judge(blueGreen()).Properties;
    expect(Environment.Variables).toEqual({
      TARGET_GROUP_ARN: { Ref: expect.stringMatching(/^ApiTargetGroup/) },
      ALTERNATE_TARGET_GROUP_ARN: { Ref: expect.stringMatching(/^ApiTargetAlternateGroup/) },
      LISTENER_RULE_ARN: { Ref: expect.stringMatching(/^ApiTargetRule/) },
      BASE_PATH: '',
      TIMEOUT_MS: '60000',
      ROLLOUT_CHECK: JSON.stringify({ samples: { tolerance: 0.00001 }, contract: true, waitMs: 630_000 }),
    });
    expect([Timeout, Handler]).toEqual([900, 'index.rolloutCheck']);
  });

  test('takes every option', () => {
    const limits = { maxLatencyP50: Duration.millis(50), maxLatencyP95: Duration.seconds(1), maxLatencyRatio: 1.5 };
    expect(settings({ samples: false, contract: false, ...limits, latencyRequests: 7 })).toEqual({
      contract: false,
      latency: { p50Ms: 50, p95Ms: 1000, ratio: 1.5, requests: 7 },
      waitMs: 630_000,
    });
    expect(settings({ tolerance: 0.1, maxLatencyRatio: 2 })).toMatchObject({
      samples: { tolerance: 0.1 },
      latency: { ratio: 2, requests: 20 },
    });
  });

  test('is not there when it has nothing to look at', () => {
    const template = blueGreen({ check: { samples: false, contract: false } });
    template.resourceCountIs(FUNCTION, 1);
    expect(only(template, SERVICE).DeploymentConfiguration).not.toHaveProperty('LifecycleHooks');
  });

  test('is there, with what it may do and whom it reaches, before the service and its first replicas', () => {
    const template = blueGreen();
    const { DependsOn } = named(template, SERVICE, 'ApiService');
    const waited = (DependsOn as string[]).filter((id) => /RolloutCheck|SecurityGroupfrom/.test(id));
    expect(waited.map((id) => id.replace(/[0-9A-F]{8}.*$/, '')).sort()).toEqual(
      expect.arrayContaining([
        'ApiRolloutCheckCallerRole',
        'ApiRolloutCheckCallerRoleDefaultPolicy',
        'ApiRolloutCheckFunction',
        'ApiRolloutCheckLogGroup',
        'ApiRolloutCheckRole',
        'ApiRolloutCheckRoleDefaultPolicy',
        'ApiRolloutCheckSecurityGroup',
      ]),
    );
    const rules = template.findResources('AWS::EC2::SecurityGroupIngress');
    const own = Object.entries(rules).filter(([, { Properties }]) => Properties.Description === 'Rollout check');
    expect(own).toHaveLength(1);
    expect(DependsOn).toContain(own[0]?.[0]);
  });

  test('prints how to read what it found', () => {
    const outputs = blueGreen().findOutputs('*');
    expect(Object.keys(outputs).filter((name) => name.includes('RolloutCheckCommand'))).toHaveLength(1);
    expect(Object.keys(declared().findOutputs('*')).join()).not.toContain('RolloutCheckCommand');
  });

  test('has a key where the API asks for one', () => {
    const stack = stackIn();
    const access = Access.internal({ auth: Auth.apiKeys(keysIn(stack)) });
    apiIn(stack, { handler: sampled, access, rollout: Rollout.blueGreen() });
    const template = Template.fromStack(stack);
    expect(judge(template).Properties.Environment.Variables).toHaveProperty('API_KEYS_SECRET');
    expect(JSON.stringify(named(template, 'AWS::IAM::Policy', 'ApiRolloutCheckRole'))).toContain('GetSecretValue');
  });

  test('says that half of the judgement is missing without samples', () => {
    const stack = stackIn();
    apiIn(stack, { rollout: Rollout.blueGreen() });
    expect(warningsOf(stack)).toEqual(['cdk-model-api:rolloutWithoutSamples']);
    const other = stackIn();
    apiIn(other, { rollout: Rollout.blueGreen({ check: { samples: false } }) });
    expect(warningsOf(other)).toEqual([]);
  });

  test('measures nothing without samples, and refuses to', () => {
    const rollout = Rollout.blueGreen({ check: { maxLatencyP50: Duration.seconds(1) } });
    expect(() => declared({ rollout })).toThrow('latency is measured by the samples of the model directory');
  });

  test.each<[BlueGreenOptions['check'], string]>([
    [{ tolerance: 1 }, 'check.tolerance must be from 0 to below 1 (got 1)'],
    [{ tolerance: 0.1, samples: false }, 'check.tolerance (0.1) has no effect with samples false'],
    [{ maxLatencyRatio: 0 }, 'check.maxLatencyRatio must be above 0 (got 0)'],
    [{ maxLatencyP95: Duration.millis(0) }, 'check.maxLatencyP95 must be above 0 (got 0 ms)'],
    [{ latencyRequests: 5 }, 'check.latencyRequests (5) has no effect without a limit'],
    [{ latencyRequests: 0, maxLatencyRatio: 1 }, 'check.latencyRequests must be an integer of at least 1 (got 0)'],
  ])('%j is refused', (check, message) => {
    expect(() => blueGreen({ check })).toThrow(`[Stack/Api] ${message}`);
  });
});

describe('the test listener', () => {
  function withTest(options: Partial<CanaryOptions & LinearOptions['testListener']> = {}): Template {
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

test('an API of another stack than its platform is judged too, and the two stacks stay in order', () => {
  const app = testApp();
  const shared = stackIn(app, 'Shared');
  const platform = new ModelPlatform(shared, 'Platform');
  const ours = stackIn(app, 'Ours');
  apiIn(ours, { platform, handler: sampled, rollout: Rollout.canary() });
  app.synth();
  expect(ours.dependencies).toContain(shared);
  expect(shared.dependencies).toEqual([]);
});
