/** The function that judges a new version, as it is defined; what it does is tested in test/runtime/probe. */
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { Access, Auth, type BlueGreenOptions, ModelPlatform, Rollout } from '../../../lib';
import { testApp } from '../assembly';
import { apiIn, declared, keysIn, only, sampled, stackIn, warningsOf } from '../declaration';
import { blueGreen, FUNCTION, named, SERVICE } from './shifted';

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
    const { Environment, Timeout, Handler, MemorySize } = judge(blueGreen()).Properties;
    expect(Environment.Variables).toEqual({
      TARGET_GROUP_ARN: { Ref: expect.stringMatching(/^ApiTargetGroup/) },
      ALTERNATE_TARGET_GROUP_ARN: { Ref: expect.stringMatching(/^ApiTargetAlternateGroup/) },
      LISTENER_RULE_ARN: { Ref: expect.stringMatching(/^ApiTargetRule/) },
      BASE_PATH: '',
      TIMEOUT_MS: '60000',
      ROLLOUT_CHECK: JSON.stringify({ samples: { tolerance: 0.00001 }, contract: true, waitMs: 630_000 }),
    });
    expect([Timeout, Handler, MemorySize]).toEqual([900, 'index.rolloutCheck', 1024]);
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
    [
      { maxLatencyP95: Duration.seconds(50), latencyRequests: 1000 },
      'check.latencyRequests (1000) may take 50000 s within their limits, and the function has 800 s for them',
    ],
    [{ latencyRequests: 0, maxLatencyRatio: 1 }, 'check.latencyRequests must be an integer of at least 1 (got 0)'],
  ])('%j is refused', (check, message) => {
    expect(() => blueGreen({ check })).toThrow(`[Stack/Api] ${message}`);
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
