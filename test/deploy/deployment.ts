/** `examples/iris`, bootstrapped and deployed to a moto server of its own by the CDK's command line. */
import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { ACCOUNT, type MotoServer, REGION, startMoto } from '../setup/moto/server';
import { type Assembly, STACK, synthesize } from './cdk';

export interface Deployment {
  readonly server: MotoServer;
  readonly assembly: Assembly;
  /** Physical ids by logical id, of the resources that moto's CloudFormation defined. */
  readonly physicalIds: ReadonlyMap<string, string>;
  end(): Promise<void>;
}

export const ENVIRONMENT = `aws://${ACCOUNT}/${REGION}`;

export async function deployIris(): Promise<Deployment> {
  const server = await startMoto();
  const assembly = await synthesize(server);
  await assembly.cdk('bootstrap', ENVIRONMENT);
  await declarePublished(server, assembly.images);
  await assembly.cdk('deploy', STACK, '--require-approval', 'never');
  const physicalIds = await physicalIdsOf(server);
  const end = async () => {
    assembly.remove();
    await server.stop();
  };
  return { server, assembly, physicalIds, end };
}

/** How to reach the server from this process, for any client of the AWS SDK. */
export function clientOptions({ endpoint }: MotoServer) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { endpoint, region: REGION, credentials, forcePathStyle: true };
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

async function physicalIdsOf(server: MotoServer): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const client = new CloudFormationClient(clientOptions(server));
  for await (const page of paginateListStackResources({ client }, { StackName: STACK })) {
    for (const { LogicalResourceId, PhysicalResourceId } of page.StackResourceSummaries ?? []) {
      // A type that moto's CloudFormation does not know is listed without a name.
      if (LogicalResourceId) ids.set(LogicalResourceId, PhysicalResourceId ?? '');
    }
  }
  return ids;
}
