/**
 * Where the new version's replicas are, and where those of the version before. Amazon ECS decides which of the two target
 * groups a version gets, and the rule's weights may have been changed by others, so that ECS itself is asked.
 */
import type { ServiceRevision } from '@aws-sdk/client-ecs';
import { groupsByTraffic, type Replicas, replicasIn } from '../targets';
import { deploymentOf, revisionsOf } from './deployments';
import type { LifecycleEvent } from './event';

export interface Versions {
  readonly green: Replicas;
  /** Left out: this is the first version, or nobody can say where the one before is. */
  readonly blue?: Replicas;
  /** Whether no replica of the new version is asked for. */
  readonly isIdle: boolean;
}

export async function versionsOf(event: LifecycleEvent): Promise<Versions> {
  const target = (event.executionDetails ?? event).targetServiceRevisionArn;
  if (target === undefined) {
    throw new Error('the event names no targetServiceRevisionArn, which Amazon ECS sends to its hooks');
  }
  const { sources, requested } = await deploymentOf(event.resourceArn);
  const source = sources.find((arn) => arn !== target);
  const revisions = await revisionsOf(source === undefined ? [target] : [target, source]);
  const groupOf = (arn?: string) => groupIn(revisions.find(({ serviceRevisionArn }) => serviceRevisionArn === arn));
  const [blue, green] = await groupsOf(groupOf(source), groupOf(target));
  const isFirst = source === undefined || blue === green;
  const old = isFirst ? undefined : await replicasIn(blue);
  return { green: await replicasIn(green), blue: old, isIdle: requested === 0 };
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
