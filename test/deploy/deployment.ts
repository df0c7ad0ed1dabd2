/** An example, bootstrapped and deployed to a moto server of its own by the CDK's command line. */
import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { ACCOUNT, type MotoServer, REGION, startMoto } from '../setup/moto/server';
import { type Assembly, type Context, type Resource, type SynthesizedStack, synthesize } from './cdk';

export interface DeployedStack extends SynthesizedStack {
  /** Physical ids by logical id, of the resources that moto's CloudFormation defined; what other APIs define is added. */
  readonly physicalIds: Map<string, string>;
  /** Values by name. */
  readonly outputs: ReadonlyMap<string, string>;
}

export interface Deployment {
  readonly server: MotoServer;
  readonly assembly: Assembly;
  readonly stacks: readonly DeployedStack[];
  end(): Promise<void>;
}

export interface DeployOptions {
  readonly context?: Context;
  /** What an account has before anything is deployed. */
  readonly prepare?: (server: MotoServer) => Promise<void>;
}

export const ENVIRONMENT = `aws://${ACCOUNT}/${REGION}`;

export async function deploy(example: string, { context, prepare }: DeployOptions = {}): Promise<Deployment> {
  const server = await startMoto();
  await prepare?.(server);
  const assembly = await synthesize(server, example, context);
  await assembly.cdk('bootstrap', ENVIRONMENT);
  await declarePublished(server, assembly.images);
  await assembly.cdk('deploy', assembly.selector, '--require-approval', 'never');
  const stacks = await Promise.all(assembly.stacks.map((stack) => deployed(server, stack)));
  const end = async () => {
    assembly.remove();
    await server.stop();
  };
  return { server, assembly, stacks, end };
}

/** How to reach the server from this process, for any client of the AWS SDK. */
export function clientOptions({ endpoint }: MotoServer) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { endpoint, region: REGION, credentials, forcePathStyle: true };
}

/** The physical id of the only resource of a type. */
export function idOf(stack: DeployedStack, type: string): string {
  const found = resourcesOf(stack, type);
  if (found.length !== 1) throw new Error(`expected one ${type} in ${stack.stackName}, found ${found.length}`);
  return stack.physicalIds.get(found[0]?.[0] ?? '') ?? '';
}

/** By logical id. */
export function resourcesOf({ template }: SynthesizedStack, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
}

/** The command line builds no image whose tag is in the repository, so that a deployment needs no Docker engine. */
async function declarePublished(server: MotoServer, tags: readonly string[]): Promise<void> {
  const repositoryName = `cdk-hnb659fds-container-assets-${ACCOUNT}-${REGION}`;
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  for (const imageTag of tags) {
    const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, config: { digest: imageTag }, layers: [] });
    await new ECRClient(clientOptions(server)).send(new PutImageCommand({ repositoryName, imageTag, imageManifest }));
  }
}

async function deployed(server: MotoServer, stack: SynthesizedStack): Promise<DeployedStack> {
  const client = new CloudFormationClient(clientOptions(server));
  const StackName = stack.stackName;
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks?.[0]?.Outputs?.map(
    ({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue] as const,
  );
  const physicalIds = new Map<string, string>();
  for await (const page of paginateListStackResources({ client }, { StackName })) {
    for (const { LogicalResourceId, PhysicalResourceId } of page.StackResourceSummaries ?? []) {
      // A type that moto's CloudFormation does not know is listed without a name.
      if (LogicalResourceId) physicalIds.set(LogicalResourceId, PhysicalResourceId ?? '');
    }
  }
  return { ...stack, physicalIds, outputs: new Map(outputs) };
}
