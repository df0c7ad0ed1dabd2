/** Which replicas are ready, as the load balancer sees them, and which of two target groups its rule leads callers to. */
import {
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CLIENT_OPTIONS } from './aws-client';
import { optionalSetting, setting } from './settings';

/** A replica's private address and the port that serves predictions. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** The replicas of a target group: those that are ready, and how all of them are, in words. */
export interface Replicas {
  readonly ready: readonly Target[];
  readonly states: string;
}

const client = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);

/** A ready replica of the version that callers get, by chance: calls in a row do not all meet the same one. */
export async function readyTarget(): Promise<Target> {
  const states: string[] = [];
  for (const group of await groupsByTraffic()) {
    const replicas = await replicasIn(group);
    const chosen = replicas.ready[Math.floor(Math.random() * replicas.ready.length)];
    if (chosen) return chosen;
    states.push(replicas.states);
  }
  throw new Error(`no replica is ready: ${[...new Set(states)].join(', ')}`);
}

export async function replicasIn(targetGroupArn: string): Promise<Replicas> {
  const { TargetHealthDescriptions: all = [] } = await client.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
  );
  const ready = all.filter((target) => target.TargetHealth?.State === 'healthy');
  return { ready: ready.flatMap(addressOf), states: statesOf(all) };
}

function addressOf({ Target }: TargetHealthDescription): Target[] {
  return Target?.Id && Target.Port ? [{ host: Target.Id, port: Target.Port }] : [];
}

/**
 * The API's target groups, the one with the larger share of callers first. The other follows, for whoever changed the
 * rule meanwhile may have led callers to a group in which nobody is.
 */
export async function groupsByTraffic(): Promise<string[]> {
  const groups = [setting('targetGroupArn'), optionalSetting('alternateTargetGroupArn')].filter(
    (arn) => arn !== undefined,
  );
  const rule = optionalSetting('listenerRuleArn');
  if (groups.length < 2 || rule === undefined) return groups;
  const weights = await weightsOf(rule);
  return groups.sort((one, other) => (weights.get(other) ?? 0) - (weights.get(one) ?? 0));
}

async function weightsOf(rule: string): Promise<ReadonlyMap<string | undefined, number>> {
  const { Rules = [] } = await client.send(new DescribeRulesCommand({ RuleArns: [rule] }));
  const groups = Rules.flatMap(({ Actions = [] }) =>
    Actions.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []),
  );
  return new Map(groups.map(({ TargetGroupArn, Weight = 0 }) => [TargetGroupArn, Weight]));
}

function statesOf(targets: readonly TargetHealthDescription[]): string {
  if (targets.length === 0) return 'none is registered';
  return targets.map(({ Target, TargetHealth }) => `${Target?.Id} is ${TargetHealth?.State}`).join(', ');
}
