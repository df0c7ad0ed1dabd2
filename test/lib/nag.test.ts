/** Every variant passes cdk-nag's AwsSolutions, and each finding that was judged has a reason. */
import { type App, Fn, type Stack, Validations } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { Access, Auth, ModelPlatform } from '../../lib';
import { findingsOf, testApp } from './assembly';
import { apiIn, stackIn } from './declaration';
import { VARIANTS } from './variants';

function checkedApp(): App {
  const app = testApp();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

interface Acknowledged {
  readonly rule: string;
  readonly reason: string;
  readonly path: string;
}

/** What was acknowledged anywhere below; the CDK's own acknowledgements apart. */
function acknowledgedIn(stack: Stack): Acknowledged[] {
  return stack.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .filter(([id]) => id.includes('AwsSolutions'))
      .map(([id, reason]) => ({ rule: id.replace(/^.*AwsSolutions-/, ''), reason, path: construct.node.path })),
  );
}

describe('cdk-nag', () => {
  test.each(Object.entries(VARIANTS))('finds nothing in %s', (_, declare) => {
    const app = checkedApp();
    const paths = declare(app).map(({ node }) => node.path);
    const ours = findingsOf(app).filter((finding) => paths.some((path) => finding.includes(` ${path}/`)));
    expect(ours).toEqual([]);
  });

  test("finds nothing where the VPC's range is known at deployment only", () => {
    const app = checkedApp();
    const stack = stackIn(app);
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      vpcCidrBlock: Fn.importValue('range'),
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
    });
    apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { vpc }) });
    expect(findingsOf(app)).toEqual([]);
  });

  test('finds nothing where secrets are known by their names', () => {
    const app = checkedApp();
    const stack = stackIn(app);
    const [keys, token] = ['keys', 'token'].map((name) => Secret.fromSecretNameV2(stack, name, name));
    const access = Access.internal({ auth: Auth.apiKeys(keys as ISecret) });
    apiIn(stack, { access, secrets: { TOKEN: EcsSecret.fromSecretsManager(token as ISecret) } });
    expect(findingsOf(app)).toEqual([]);
  });

  test('finds nothing of ours where a secret has a key of another stack', () => {
    const app = checkedApp();
    const theirs = stackIn(app, 'Theirs');
    const keys = new Secret(theirs, 'Keys', { encryptionKey: new Key(theirs, 'Key') });
    apiIn(stackIn(app, 'Ours'), { access: Access.internal({ auth: Auth.apiKeys(keys) }) });
    expect(findingsOf(app).filter((finding) => finding.includes(' Ours/'))).toEqual([]);
  });

  test('is heard when there is something to find', () => {
    const app = checkedApp();
    new Bucket(stackIn(app), 'Open');
    expect(findingsOf(app)).toContain('error AwsSolutions-S1 Stack/Open/Resource');
  });
});

test('what was judged is this, and stands where its cause is', () => {
  const stack = stackIn(testApp());
  apiIn(stack);
  const judged = acknowledgedIn(stack);
  expect(judged.map(({ rule, path }) => `${rule} ${path}`).sort()).toEqual([
    'ECS2 Stack/Api/Task/Definition',
    'ECS4 Stack/Api/Platform/Cluster',
    'IAM5[Resource::*] Stack/Api/Probe/Role',
    'IAM5[Resource::*] Stack/Api/Task/Definition/ExecutionRole',
    'S1 Stack/Api/Platform/Internal/AccessLogs',
  ]);
  for (const { reason } of judged) expect(reason).toMatch(/^.{40,}\.$/);
});
