/**
 * Where the new version's replicas are, and where those of the version before. Amazon ECS decides which of the two target
 * groups a version gets, and the rule's weights may have been changed by others, so that ECS itself is asked.
 */
import type { ServiceRevision } from '@aws-sdk/client-ecs';
import { groupsByTraffic, type Replicas, replicasIn } from '../targets';
import { deploymentOf, revisionsOf } from './deployments';
import { type LifecycleEvent, targetOf } from './event';

export interface Versions {
  readonly green: Replicas;
  /** Left out: this is the first version, or nobody can say where the one before is. */
  readonly blue?: Replicas;
  /** Whether the new version is older than the one that runs, by the number of its task definition. */
  readonly wentBack: boolean;
  /** Whether no replica of the new version is asked for. */
  readonly isIdle: boolean;
}

export async function versionsOf(event: LifecycleEvent): Promise<Versions> {
  const target = targetOf(event) as string;
  const { sources, requested } = await deploymentOf(event.resourceArn);
  const source = sources.find((arn) => arn !== target);
  const revisions = await revisionsOf(source === undefined ? [target] : [target, source]);
  const revisionOf = (arn?: string) => revisions.find(({ serviceRevisionArn }) => serviceRevisionArn === arn);
  const groupOf = (arn?: string) => groupIn(revisionOf(arn));
  const [blue, green] = await groupsOf(groupOf(source), groupOf(target));
  const isFirst = source === undefined || blue === green;
  const old = isFirst ? undefined : await replicasIn(blue);
  const wentBack = source !== undefined && isEarlier(revisionOf(target), revisionOf(source));
  return { green: await replicasIn(green), blue: old, wentBack, isIdle: requested === 0 };
}

/** As after a rollback of CloudFormation, which names the task definition of before. A new number says nothing. */
function isEarlier(one: ServiceRevision | undefined, other: ServiceRevision | undefined): boolean {
  const [mine, theirs] = [one, other].map((revision) => numbered(revision?.taskDefinition));
  if (mine === undefined || theirs === undefined) return false;
  return mine.family === theirs.family && mine.number < theirs.number;
}

/** `…:task-definition/FAMILY:NUMBER` */
function numbered(taskDefinition = ''): { family: string; number: number } | undefined {
  const [, family, number] = /^(.*):(\d+)$/.exec(taskDefinition) ?? [];
  return family === undefined ? undefined : { family, number: Number(number) };
}

function groupIn(revision?: ServiceRevision): string | undefined {
  return revision?.resolvedConfiguration?.loadBalancers?.[0]?.targetGroupArn;
}

/** What ECS does not say follows from the rule: before the shift, callers are with the version before. */
async function groupsOf(blue: string | undefined, green: string | undefined): Promise<[string, string]> {
  if (blue !== undefined && green !== undefined) return [blue, green];
  const [most, least = most] = (await groupsByTraffic()) as [string, string?];
  const other = (one: string) => (one === most ? least : most);
  if (green !== undefined) return [other(green), green];
  return blue === undefined ? [most, least] : [blue, other(blue)];
}
