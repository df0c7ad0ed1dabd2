/** The words that tests of constructs are written in: declare an API, look at what it defines. */
import { type App, Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Access, Auth, ModelApi, type ModelApiProps, ModelHandler } from 'cdk-model-api';
import type { Construct } from 'constructs';
import { testApp } from './assembly';

/** An account and a region, so that nothing is left open that a real stack would know. */
export const ENV = { account: '123456789012', region: 'eu-west-1' };

/** A handler whose image is not the subject. */
export const handler = ModelHandler.fromImage(ContainerImage.fromRegistry('registry.example/model'));

class Sampled extends ModelHandler {
  public _bind() {
    const samples = [{ name: 'setosa', input: { features: [1, 2] }, output: 'setosa' }];
    return { image: ContainerImage.fromRegistry('registry.example/model'), samples };
  }
}

/** A handler with a sample, by which a new version is judged. */
export const sampled: ModelHandler = new Sampled();

export function stackIn(app: App = testApp(), id = 'Stack', props: StackProps = { env: ENV }): Stack {
  return new Stack(app, id, props);
}

let usual: Partial<ModelApiProps> = {};

/** An API called `Api`; internal, unless the props say otherwise. */
export function apiIn(scope: Construct, props: Partial<ModelApiProps> = {}, id = 'Api'): ModelApi {
  return new ModelApi(scope, id, { handler, access: Access.internal(), ...usual, ...props });
}

/** Everything that is declared meanwhile has these props, unless it has its own. */
export function whileApisHave<T>(props: Partial<ModelApiProps>, declare: () => T): T {
  usual = props;
  try {
    return declare();
  } finally {
    usual = {};
  }
}

/** The template of a stack with nothing but that API. */
export function declared(props: Partial<ModelApiProps> = {}): Template {
  const stack = stackIn();
  apiIn(stack, props);
  return Template.fromStack(stack);
}

export function publicAccess(scope: Construct): Access {
  return Access.public({ certificate: certificateIn(scope), auth: Auth.none() });
}

export function certificateIn(scope: Construct, name = 'certificate'): ICertificate {
  const arn = `arn:aws:acm:${ENV.region}:${ENV.account}:certificate/${name}`;
  return Certificate.fromCertificateArn(scope, `Certificate-${name}`, arn);
}

/** A zone that somebody else looks after. */
export function zoneIn(scope: Construct, zoneName = 'example.com'): IHostedZone {
  return HostedZone.fromHostedZoneAttributes(scope, `Zone-${zoneName}`, {
    zoneName,
    hostedZoneId: 'Z0123456789EXAMPLE',
  });
}

/** The keys of callers. */
export function keysIn(scope: Construct): ISecret {
  return Secret.fromSecretCompleteArn(
    scope,
    'Keys',
    `arn:aws:secretsmanager:${ENV.region}:${ENV.account}:secret:keys-AbCdEf`,
  );
}

/** The properties of the only resource of a type. */
// biome-ignore lint/suspicious/noExplicitAny: properties are as their type has them.
export function only(template: Template, type: string): any {
  const found = Object.values(template.findResources(type));
  if (found.length !== 1) throw new Error(`expected one ${type}, found ${found.length}`);
  return found[0]?.Properties;
}

/** Ids of the warnings below a path, sorted. */
export function warningsOf(stack: Stack): string[] {
  const entries = Annotations.fromStack(stack).findWarning('*', Match.anyValue());
  return entries.map(({ entry }) => /\[ack: (.+)\]$/.exec(String(entry.data))?.[1] ?? String(entry.data)).sort();
}

/** A template without the hashes of assets, which change with their files. */
export function masked(template: Template): unknown {
  return JSON.parse(JSON.stringify(template.toJSON()).replace(/[0-9a-f]{64}/g, '[HASH]'));
}
