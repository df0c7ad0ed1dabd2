/**
 * The rules that APIs of this app have on one listener. A load balancer takes the first that matches, so two that match
 * the same request need an order that somebody chose; what a hash decides is luck.
 */
import type { IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type Check, isKnown } from './check';
import { claimsOn } from './claims';
import { holds, meet } from './hosts';

/** What a rule asks of a request, and its turn. */
export interface RuleClaim {
  /** The path of the construct that has the rule. */
  readonly by: string;
  /** Without a final slash; empty for all. */
  readonly path: string;
  readonly host?: string;
  readonly priority: number;
  /** Whether the priority was given, not computed. */
  readonly chosen: boolean;
  /** Whether a rule for preflights stands right before it: the same requests' order, and one more number. */
  readonly hasPreflight?: boolean;
}

/** The number of the rule for preflights. Nothing comes between the two, so that both have one order among the others. */
export function preflightPriority(priority: number): number {
  return priority - 1;
}

/** Notes what keeps the rule from standing beside those that are there, and remembers it. */
export function claimRule(check: Check, listener: IApplicationListener, rule: RuleClaim): void {
  const rules = claimsOn<RuleClaim>(listener, listener.listenerArn, 'rules');
  for (const other of rules.values()) {
    const conflict = conflictOf(rule, other, listener.node.path);
    check.that(conflict === undefined, conflict ?? '');
  }
  rules.set(rule.by, rule);
}

function conflictOf(rule: RuleClaim, other: RuleClaim, listener: string): string | undefined {
  const taken = numbersOf(rule).find((number) => numbersOf(other).includes(number));
  if (taken !== undefined) {
    return `priority ${taken} on the listener ${listener} is taken by ${other.by}: give one of the two another priority`;
  }
  if (!pathsMeet(rule.path, other.path) || !meet(rule.host, other.host)) return undefined;
  if (rule.path === other.path && rule.host?.toLowerCase() === other.host?.toLowerCase()) {
    return `${conditions(rule)} on the listener ${listener} is taken by ${other.by}, and only one of the two would ever be called: give one of the two another path or host`;
  }
  if (!rule.chosen || !other.chosen) return unordered(rule, other, listener);
  return outOfOrder(rule, other) ?? outOfOrder(other, rule);
}

function numbersOf({ priority, hasPreflight }: RuleClaim): number[] {
  if (!isKnown(priority)) return [];
  return hasPreflight ? [preflightPriority(priority), priority] : [priority];
}

function unordered(rule: RuleClaim, other: RuleClaim, listener: string): string {
  const [first] = [rule, other].filter((one) => isWithin(one, one === rule ? other : rule));
  const advice = first
    ? `${first.by} the lower number, or it is never called`
    : 'the lower number to the one that is to get them';
  return `${conditions(rule)} and ${conditions(other)} of ${other.by} on the listener ${listener} match the same requests: give both APIs a priority, ${advice}`;
}

/** The wider rule before the narrower one: the narrower is dead. */
function outOfOrder(wide: RuleClaim, narrow: RuleClaim): string | undefined {
  const known = isKnown(wide.priority) && isKnown(narrow.priority);
  if (!known || !isWithin(narrow, wide) || narrow.priority < wide.priority) return undefined;
  return `priority ${narrow.priority} of ${narrow.by} comes after priority ${wide.priority} of ${wide.by}, which takes every request of its ${conditions(narrow)}: give ${narrow.by} a priority below ${wide.priority}`;
}

function isWithin(narrow: RuleClaim, wide: RuleClaim): boolean {
  return pathHolds(wide.path, narrow.path) && holds(wide.host, narrow.host);
}

function pathsMeet(one: string, other: string): boolean {
  return pathHolds(one, other) || pathHolds(other, one);
}

function pathHolds(wide: string, narrow: string): boolean {
  return `${narrow}/`.startsWith(`${wide}/`);
}

function conditions({ path, host }: RuleClaim): string {
  return `path '${path || '/'}'${host === undefined ? '' : ` of host '${host}'`}`;
}
