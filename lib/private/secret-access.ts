/**
 * The right to read a secret, as statements for the reader's own policy. The CDK's grant also writes the reader into the
 * policy of the secret's key; where key and reader are in two stacks, each of the two would then name the other.
 */
import { Stack } from 'aws-cdk-lib';
import { Secret as ContainerSecret } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';

const READ_ACTIONS = ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'];

/** What a reader in the scope's stack must be allowed. */
export function readingOf(scope: IConstruct, secret: ISecret): PolicyStatementProps[] {
  const reading = { actions: READ_ACTIONS, resources: [arnSeenFrom(scope, secret)] };
  return secret.encryptionKey ? [reading, decryptionOf(secret, secret.encryptionKey)] : [reading];
}

function decryptionOf(secret: ISecret, { keyArn }: IKey): PolicyStatementProps {
  const service = `secretsmanager.${Stack.of(secret).region}.amazonaws.com`;
  return { actions: ['kms:Decrypt'], resources: [keyArn], conditions: { StringEquals: { 'kms:ViaService': service } } };
}

/** Secrets Manager adds six characters to a name. They are unknown of a secret of another place, or one known by name. */
function arnSeenFrom(scope: IConstruct, secret: ISecret): string {
  const [ours, theirs] = [Stack.of(scope), Stack.of(secret)];
  const isHere = ours.account === theirs.account && ours.region === theirs.region;
  return (isHere ? secret.secretFullArn : undefined) ?? `${secret.secretArn}-??????`;
}

export type ContainerSecrets = { readonly [name: string]: ContainerSecret };

/** The same secrets of a container; those with a key of their own are granted by statements of the reader's policy. */
export function byReadersPolicy(scope: IConstruct, secrets?: ContainerSecrets): { [name: string]: ContainerSecret } {
  const all = Object.entries(secrets ?? {});
  return Object.fromEntries(all.map(([name, secret]) => [name, encryptedSecret(scope, secret) ?? secret]));
}

function encryptedSecret(scope: IConstruct, secret: ContainerSecret): ContainerSecret | undefined {
  const source = sourceOf(scope, secret);
  return source?.encryptionKey && new EncryptedSecret(secret, readingOf(scope, source));
}

/** A container's secret keeps nothing of where it came from but the ARN, a field and a version behind it. */
function sourceOf(scope: IConstruct, { arn }: ContainerSecret): ISecret | undefined {
  const secrets = scope.node.root.node.findAll().filter(isEncrypted);
  return secrets.find(({ secretArn }) => arn === secretArn || arn.startsWith(`${secretArn}:`));
}

function isEncrypted(construct: IConstruct): construct is ISecret {
  return 'secretArn' in construct && 'encryptionKey' in construct && construct.encryptionKey !== undefined;
}

class EncryptedSecret extends ContainerSecret {
  public readonly arn: string;
  public readonly hasField?: boolean;

  constructor(
    { arn, hasField }: ContainerSecret,
    private readonly reading: readonly PolicyStatementProps[],
  ) {
    super();
    this.arn = arn;
    this.hasField = hasField;
  }

  public grantRead(grantee: IGrantable): Grant {
    const grants = this.reading.map(({ actions = [], resources = [], conditions }) =>
      Grant.addToPrincipal({ grantee, actions, resourceArns: resources, conditions }),
    );
    return grants.reduce((all, one) => all.combine(one));
  }
}
