/**
 * What a rule does with the requests of an API: it forwards them to the API's target group, after an authentication where
 * there is one. Of two groups the first gets all, until Amazon ECS moves the weights.
 */
import {
  type CfnListenerRule,
  type IApplicationListener,
  type IApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { IListenerAuthentication } from '../auth';
import { protocolOf } from '../platform/listener';
import { Check } from '../private/check';

/** Who gets the requests, and by which way. */
export interface Forwarding {
  readonly listener: IApplicationListener;
  /** The first of them gets all. */
  readonly groups: readonly IApplicationTargetGroup[];
  readonly authentication?: IListenerAuthentication;
}

export function actionOf(scope: Construct, { listener, groups, authentication }: Forwarding): ListenerAction {
  const forward = forwardTo(groups);
  if (!authentication) return forward;
  const action = authentication.authenticate(forward);
  const actions = action?.renderRuleActions() ?? [];
  const types = actions.map(({ type }) => type);
  const check = new Check(scope);
  check.that(
    leadsTo(actions.at(-1), groups),
    `authentication must end in the next action, by which requests reach the API (got ${JSON.stringify(types)}${types.at(-1) === 'forward' ? ' to another target group' : ''}): pass next on`,
  );
  check.that(
    types.length < 2 || protocolOf(listener) !== 'HTTP',
    `authentication by ${types[0]} needs HTTPS, and the listener ${listener.node.path} speaks HTTP`,
  );
  check.that(
    types.length < 2 || groups.length < 2,
    `rollout moves callers by the API's rule, and Amazon ECS fails a deployment whose rule does anything but forward (got ${types[0]}): let replicas compare keys by Auth.apiKeys(), or use Rollout.rolling() without alternateTargetGroup`,
  );
  check.done();
  return action;
}

function forwardTo(groups: readonly IApplicationTargetGroup[]): ListenerAction {
  if (groups.length === 1) return ListenerAction.forward([...groups]);
  return ListenerAction.weightedForward(
    groups.map((targetGroup, index) => ({ targetGroup, weight: index === 0 ? 100 : 0 })),
  );
}

function leadsTo(
  action: CfnListenerRule.ActionProperty | undefined,
  groups: readonly IApplicationTargetGroup[],
): boolean {
  const { targetGroups } = (action?.forwardConfig ?? {}) as CfnListenerRule.ForwardConfigProperty;
  const tuples = (targetGroups ?? []) as CfnListenerRule.TargetGroupTupleProperty[];
  const arns = tuples.length > 0 ? tuples.map(({ targetGroupArn }) => targetGroupArn) : [action?.targetGroupArn];
  return arns.length === groups.length && groups.every(({ targetGroupArn }, index) => targetGroupArn === arns[index]);
}

export function conditionsOf(path: string, host?: string): ListenerCondition[] {
  const paths = ListenerCondition.pathPatterns(path === '' ? ['/*'] : [path, `${path}/*`]);
  return host === undefined ? [paths] : [paths, ListenerCondition.hostHeaders([host])];
}
