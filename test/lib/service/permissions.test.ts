/** What roles may do because an API has keys, secrets or volumes: said in the roles' own policies and nowhere else. */
import type { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { ContainerImage, Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, test } from 'vitest';
import { Access, Auth, type ModelApiProps } from '../../../lib';
import { testApp } from '../assembly';
import { apiIn, ENV, keysIn, only, stackIn, warningsOf } from '../declaration';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** The statements with an action, of the policies whose ids have a part. */
function statementsOf(stack: Stack, role: string, action: string): Statement[] {
  const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  return policies
    .filter(([id]) => id.includes(role))
    .flatMap(([, { Properties }]): Statement[] => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().includes(action));
}

const withKeys = (secret: ISecret) => ({ access: Access.internal({ auth: Auth.apiKeys(secret) }) });
const asVariable = (secret: ISecret) => ({ secrets: { TOKEN: EcsSecret.fromSecretsManager(secret, 'token') } });
const inExtra = (secret: ISecret) => {
  const image = ContainerImage.fromRegistry('registry.example/collector');
  return { extraContainers: { collector: { image, ...asVariable(secret) } } };
};

/** A secret under a key of its own in one stack, an API that reads it in another. */
function encrypted(app: App, propsOf: (secret: ISecret) => Partial<ModelApiProps>) {
  const [theirs, ours] = [stackIn(app, 'Theirs'), stackIn(app, 'Ours')];
  const encryptionKey = new Key(theirs, 'Key');
  apiIn(ours, propsOf(new Secret(theirs, 'Secret', { encryptionKey })));
  return { theirs, ours };
}

describe('a secret under a key of another stack', () => {
  test.each<[string, string, (secret: ISecret) => Partial<ModelApiProps>]>([
    ['API keys', 'TaskRole', withKeys],
    ['API keys', 'ProbeRole', withKeys],
    ['a variable', 'ExecutionRole', asVariable],
    ['a variable of an extra container', 'ExecutionRole', inExtra],
  ])('with %s lets the %s read and decrypt, and no more', (_, role, propsOf) => {
    const { ours } = encrypted(testApp(), propsOf);
    const [reading] = statementsOf(ours, role, 'secretsmanager:GetSecretValue');
    expect(JSON.stringify(reading?.Resource)).toMatch(/Theirs:ExportsOutputRefSecret/);
    const [decryption] = statementsOf(ours, role, 'kms:Decrypt');
    expect(decryption).toMatchObject({
      Action: 'kms:Decrypt',
      Resource: { 'Fn::ImportValue': expect.stringMatching(/^Theirs:ExportsOutputFnGetAttKey.*Arn/) },
      Condition: { StringEquals: { 'kms:ViaService': `secretsmanager.${ENV.region}.amazonaws.com` } },
    });
  });

  test('has nobody added to the policy of the key', () => {
    const policyBeside = (propsOf: (secret: ISecret) => Partial<ModelApiProps>) =>
      only(Template.fromStack(encrypted(testApp(), propsOf).theirs), 'AWS::KMS::Key').KeyPolicy;
    const untouched = policyBeside(() => ({}));
    expect(policyBeside((secret) => ({ ...withKeys(secret), ...asVariable(secret) }))).toEqual(untouched);
  });
});

test('a secret known by its name may be read whatever Secrets Manager added to that', () => {
  const stack = stackIn();
  apiIn(stack, withKeys(Secret.fromSecretNameV2(stack, 'Keys', 'keys')));
  for (const role of ['TaskRole', 'ProbeRole']) {
    const [reading] = statementsOf(stack, role, 'secretsmanager:GetSecretValue');
    expect(JSON.stringify(reading?.Resource)).toContain(
      `:secretsmanager:${ENV.region}:${ENV.account}:secret:keys-??????`,
    );
  }
});

describe('a role of the handler that must not be changed', () => {
  const arn = `arn:aws:iam::${ENV.account}:role/handler`;

  test('has to have what the keys need, which a warning says', () => {
    const stack = stackIn();
    const taskRole = Role.fromRoleArn(stack, 'Handler', arn, { mutable: false });
    apiIn(stack, { taskRole, ...withKeys(keysIn(stack)) });
    const [warning] = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('immutableTaskRole'));
    expect(warning?.id).toBe('/Stack/Api/Task');
    expect(warning?.entry.data).toContain(
      'taskRole Stack/Handler must not be changed and was given nothing. Where it is defined, allow it what apiKeys and volumes need, or replicas do not become ready: secretsmanager:GetSecretValue, secretsmanager:DescribeSecret',
    );
  });

  test('is not spoken of where nothing is needed, nor is one that may be changed', () => {
    const stack = stackIn();
    apiIn(stack, { taskRole: Role.fromRoleArn(stack, 'Handler', arn, { mutable: false }) });
    const own = new Role(stack, 'Own', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    apiIn(stack, { taskRole: own, ...withKeys(keysIn(stack)) }, 'WithOwn');
    const imported = Role.fromRoleArn(stack, 'Imported', arn);
    apiIn(stack, { taskRole: imported, ...withKeys(Secret.fromSecretNameV2(stack, 'Other', 'keys')) }, 'WithImported');
    expect(warningsOf(stack)).not.toContain('cdk-model-api:immutableTaskRole');
  });
});
