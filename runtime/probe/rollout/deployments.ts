/** What Amazon ECS knows of a deployment: which versions it is about, and what each of them has. */
import type { ServiceRevision } from '@aws-sdk/client-ecs';
import { CLIENT_OPTIONS } from '../aws-client';

/** Loaded on demand: the probe is the same code, asks ECS for nothing, and a cold start waits for what is loaded. */
function loaded() {
  once ??= load();
  return once;
}

let once: ReturnType<typeof load> | undefined;

async function load() {
  const { DescribeServiceDeploymentsCommand, DescribeServiceRevisionsCommand, ECSClient } = await import(
    '@aws-sdk/client-ecs'
  );
  return { client: new ECSClient(CLIENT_OPTIONS), DescribeServiceDeploymentsCommand, DescribeServiceRevisionsCommand };
}

export interface Deployment {
  /** The ARNs of the versions that ran when it began: none at the very first. */
  readonly sources: readonly string[];
  /** How many replicas of the new version are asked for: none where scaling has taken the last one away. */
  readonly requested?: number;
}

export async function deploymentOf(arn: string | undefined): Promise<Deployment> {
  if (arn === undefined) return { sources: [] };
  const { client, DescribeServiceDeploymentsCommand } = await loaded();
  const { serviceDeployments = [] } = await client.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }),
  );
  const [deployment] = serviceDeployments;
  return {
    sources: (deployment?.sourceServiceRevisions ?? []).flatMap((source) => source.arn ?? []),
    requested: deployment?.targetServiceRevision?.requestedTaskCount,
  };
}

export async function revisionsOf(serviceRevisionArns: string[]): Promise<readonly ServiceRevision[]> {
  const { client, DescribeServiceRevisionsCommand } = await loaded();
  const { serviceRevisions = [] } = await client.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }));
  return serviceRevisions;
}
