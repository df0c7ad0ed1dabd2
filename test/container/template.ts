/**
 * What a template says of the way from a listener to a container. A condition, action or service that this file does not
 * know is an error, so that no part of the way is left untested unseen.
 */
import type { FixedAnswer } from '../setup/load-balancer';
import type { TaskDefinition } from './run-task';

interface Reference {
  readonly Ref: string;
}

interface ListenerRule {
  readonly Priority: number;
  readonly Conditions: readonly { readonly Field: string; readonly PathPatternConfig: { readonly Values: string[] } }[];
  readonly Actions: readonly { readonly Type: string; readonly TargetGroupArn: Reference }[];
}

interface Listener {
  readonly DefaultActions: readonly { readonly FixedResponseConfig: Record<string, string> }[];
}

interface Service {
  readonly TaskDefinition: Reference;
  readonly LoadBalancers: readonly { readonly TargetGroupArn: Reference; readonly ContainerPort: number }[];
}

export type Resources = Record<string, { readonly Type: string; readonly Properties: object }>;

export interface DeclaredRule {
  readonly patterns: readonly string[];
  /** Its logical id. */
  readonly targetGroup: string;
}

/** In the order in which a load balancer asks them. */
export function rulesIn(resources: Resources): DeclaredRule[] {
  const rules = ofType<ListenerRule>(resources, 'AWS::ElasticLoadBalancingV2::ListenerRule');
  return rules.sort((one, other) => one.Priority - other.Priority).map(ruleOf);
}

/** What is answered where no rule matches. */
export function fallbackIn(resources: Resources): FixedAnswer {
  const [listener] = ofType<Listener>(resources, 'AWS::ElasticLoadBalancingV2::Listener');
  const [{ FixedResponseConfig: answer }] = listener.DefaultActions;
  return { status: Number(answer.StatusCode), contentType: answer.ContentType, body: answer.MessageBody };
}

/** The task of the service whose replicas are the group's targets. */
export function targetsOf(resources: Resources, targetGroup: string): TaskDefinition {
  const services = ofType<Service>(resources, 'AWS::ECS::Service');
  const service = services.find(({ LoadBalancers: [only] }) => only.TargetGroupArn.Ref === targetGroup);
  if (service === undefined) throw new Error(`no service has its replicas in ${targetGroup}`);
  return resources[service.TaskDefinition.Ref].Properties as TaskDefinition;
}

function ruleOf(rule: ListenerRule): DeclaredRule {
  const [condition, ...others] = rule.Conditions;
  const [action] = rule.Actions;
  if (others.length > 0 || condition.Field !== 'path-pattern' || action.Type !== 'forward')
    throw new Error(`template.ts does not know what this rule means: ${JSON.stringify(rule)}`);
  return { patterns: condition.PathPatternConfig.Values, targetGroup: action.TargetGroupArn.Ref };
}

function ofType<T>(resources: Resources, type: string): T[] {
  return Object.values(resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties as T] : []));
}
