/** What Amazon ECS knows of a deployment: which versions it is about, and what each of them has. */
import type { ServiceRevision } from '@aws-sdk/client-ecs';

/** Loaded on demand: the probe is the same code, asks ECS for nothing, and a cold start waits for what is loaded. */
async function loaded() {
  const { DescribeServiceDeploymentsCommand, DescribeServiceRevisionsCommand, ECSClient } = await import(
    '@aws-sdk/client-ecs'
  );
  return { client: new ECSClient(), DescribeServiceDeploymentsCommand, DescribeServiceRevisionsCommand };
}

/** The ARNs of the versions that ran when the deployment began: none at the very first. */
export async function sourcesOf(deployment: string | undefined): Promise<string[]> {
  if (deployment === undefined) return [];
  const { client, DescribeServiceDeploymentsCommand } = await loaded();
  const { serviceDeployments = [] } = await client.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [deployment] }),
  );
  return serviceDeployments.flatMap(({ sourceServiceRevisions = [] }) =>
    sourceServiceRevisions.flatMap(({ arn }) => arn ?? []),
  );
}

export async function revisionsOf(serviceRevisionArns: string[]): Promise<readonly ServiceRevision[]> {
  const { client, DescribeServiceRevisionsCommand } = await loaded();
  const { serviceRevisions = [] } = await client.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }));
  return serviceRevisions;
}
