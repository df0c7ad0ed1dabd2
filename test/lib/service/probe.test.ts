/** The probe function as it is defined; what it does is tested in test/runtime/probe. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ModelHandler, type ServingTarget } from '../../../lib';
import { Probe } from '../../../lib/service/probe';
import { timing } from '../../../runtime/contract/timing';
import { testApp } from '../assembly';
import { apiIn, declared, only, stackIn } from '../declaration';

const FUNCTION = 'AWS::Lambda::Function';
const SAMPLES = [{ name: 'setosa', input: { features: [1, 2] }, output: 'setosa' }];

class Sampled extends ModelHandler {
  public _bind() {
    return { image: ContainerImage.fromRegistry('model'), samples: SAMPLES };
  }
}

/** The folder of a function's code in the assembly. */
function codeOf(handler: ModelHandler): string {
  const app = testApp();
  apiIn(stackIn(app), { handler });
  app.synth();
  const found = readdirSync(app.outdir).find((name) => existsSync(join(app.outdir, name, 'samples.json')));
  return join(app.outdir, String(found));
}

describe('the probe function', () => {
  test('runs in the private subnets, with a security group of its own', () => {
    const { VpcConfig } = only(declared(), FUNCTION);
    expect(VpcConfig.SubnetIds[0].Ref).toMatch(/PrivateSubnet1/);
    expect(VpcConfig.SecurityGroupIds[0]['Fn::GetAtt'][0]).toMatch(/^ApiProbeSecurityGroup/);
  });

  test('knows the replicas, the path and how long they may take', () => {
    const { Environment, Timeout } = only(declared({ path: '/iris', requestTimeout: Duration.seconds(90) }), FUNCTION);
    expect(Environment.Variables).toEqual({
      TARGET_GROUP_ARN: { Ref: expect.stringMatching(/^ApiTargetGroup/) },
      BASE_PATH: '/iris',
      TIMEOUT_MS: '95000',
    });
    expect(Timeout).toBe(120);
  });

  test('may see the health of targets and be in a VPC, and write its own log', () => {
    const policies = Object.entries(declared().findResources('AWS::IAM::Policy'));
    const [own] = policies.filter(([id]) => id.startsWith('ApiProbeRole')).map(([, policy]) => policy.Properties);
    const actions = own.PolicyDocument.Statement.flatMap(({ Action }: { Action: string[] }) => Action);
    expect(actions.map((action: string) => action.split(':')[0])).toEqual([
      'logs',
      'logs',
      'elasticloadbalancing',
      ...Array(6).fill('ec2'),
    ]);
    expect(only(declared(), FUNCTION).LoggingConfig.LogGroup.Ref).toMatch(/^ApiProbeLogGroup/);
  });

  test('is told of a secret with keys only where callers need one, by its name', () => {
    expect(only(declared(), FUNCTION).Environment.Variables).not.toHaveProperty('API_KEYS_SECRET');
    const stack = stackIn();
    const apiKeys = new Secret(stack, 'Keys');
    const api = apiIn(stack);
    const { platform, service } = api;
    const target = api.node.findChild('Target') as ServingTarget;
    const rest = { basePath: '', timing: timing({ requestTimeout: 55, loadTimeout: 600 }), samples: [] };
    const logs = { logRetention: RetentionDays.ONE_DAY, removalPolicy: RemovalPolicy.DESTROY };
    new Probe(stack, 'Probe', { platform, service, target, apiKeys, ...rest, ...logs });
    const template = Template.fromStack(stack);
    const [own] = Object.entries(template.findResources(FUNCTION)).filter(([id]) => id.startsWith('Probe'));
    expect(own?.[1].Properties.Environment.Variables.API_KEYS_SECRET).toEqual({ Ref: expect.stringMatching(/^Keys/) });
    const readers = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, policy]) =>
      JSON.stringify(policy).includes('secretsmanager:GetSecretValue'),
    );
    expect(readers.map(([id]) => id)).toEqual([expect.stringMatching(/^ProbeRole/)]);
  });

  test('carries the samples of the model directory', () => {
    const folder = codeOf(new Sampled());
    expect(JSON.parse(readFileSync(join(folder, 'samples.json'), 'utf8'))).toEqual(SAMPLES);
    expect(readdirSync(folder).sort()).toEqual(['index.mjs', 'samples.json']);
  });

  test('leaves no copy of its code behind', () => {
    const app = testApp();
    const scratch = mkdtempSync(join(tmpdir(), 'probe-test-'));
    onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('TMPDIR', scratch);
    apiIn(stackIn(app));
    expect(readdirSync(scratch)).toEqual([]);
  });
});
