/** The probe function as it is defined; what it does is tested in test/runtime/probe. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ModelHandler } from '../../../lib';
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
