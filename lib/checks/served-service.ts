/**
 * An ECS service with all that says how it serves: its task, its target groups, and the ways by which requests reach it.
 * It makes no difference who declared it. Parts of another app are not there.
 */
import type { ServingOverlay } from '../../runtime/contract/manifest';
import { overlayIn } from './overlay';
import type { Property } from './property';
import type { Resource, Resources } from './resources';

/** Leads from a listener to the service: the listener's default, or one of its rules. */
export interface WayIn {
  /** What has the actions. */
  readonly at: Resource;
  readonly actions: readonly Property[];
  readonly conditions: readonly Property[];
  readonly listener?: Resource;
  readonly loadBalancer?: Resource;
}

export interface ServedService {
  readonly service: Resource;
  readonly taskDefinition?: Resource;
  readonly containers: readonly Property[];
  /** What a replica of ours is told; undefined for anybody else's. */
  readonly overlay?: ServingOverlay;
  readonly isBehindLoadBalancer: boolean;
  /** Whether all of its target groups are of this app. */
  readonly knowsTargetGroups: boolean;
  readonly targetGroups: readonly Resource[];
  readonly waysIn: readonly WayIn[];
  /** All of the app. */
  readonly resources: Resources;
}

export function servedServices(resources: Resources): ServedService[] {
  return resources.of('service').map((service) => servedService(service, resources));
}

function servedService(service: Resource, resources: Resources): ServedService {
  const taskDefinition = taskDefinitionOf(service.at('TaskDefinition'), resources);
  const containers = taskDefinition?.at('ContainerDefinitions').items ?? [];
  const balancing = service.at('LoadBalancers');
  const named = balancing.items.flatMap(targetGroupsOf);
  const targetGroups = named.flatMap((arn) => resources.named('targetGroup', arn) ?? []);
  return {
    service,
    taskDefinition,
    containers,
    overlay: overlayIn(containers),
    isBehindLoadBalancer: balancing.isOpen || named.length > 0,
    knowsTargetGroups: !balancing.isOpen && targetGroups.length === named.length,
    targetGroups,
    waysIn: waysTo(targetGroups, resources),
    resources,
  };
}

/** By reference; by its family where another controller than that of Amazon ECS picks the revision. */
function taskDefinitionOf(property: Property, resources: Resources): Resource | undefined {
  const { text } = property;
  const ofFamily = (one: Resource) => text !== undefined && one.at('Family').text === text;
  return resources.named('taskDefinition', property) ?? resources.of('taskDefinition').find(ofFamily);
}

/** The second one is there where Amazon ECS moves traffic between the two. */
function targetGroupsOf(balancing: Property): Property[] {
  const both = [balancing.at('TargetGroupArn'), balancing.at('AdvancedConfiguration', 'AlternateTargetGroupArn')];
  return both.filter(({ isGiven }) => isGiven);
}

function waysTo(targetGroups: readonly Resource[], resources: Resources): WayIn[] {
  const byDefault = resources
    .of('listener')
    .map((listener) => wayFrom(listener, 'DefaultActions', resources, listener));
  const byRule = resources
    .of('listenerRule')
    .map((rule) => wayFrom(rule, 'Actions', resources, resources.named('listener', rule.at('ListenerArn'))));
  return [...byDefault, ...byRule].filter(({ actions }) => leadTo(actions, targetGroups));
}

function wayFrom(at: Resource, actions: string, resources: Resources, listener?: Resource): WayIn {
  return {
    at,
    actions: at.at(actions).items,
    conditions: at.at('Conditions').items,
    listener,
    loadBalancer: listener && resources.named('loadBalancer', listener.at('LoadBalancerArn')),
  };
}

function leadTo(actions: readonly Property[], targetGroups: readonly Resource[]): boolean {
  const arns = actions.flatMap((action) => [
    action.at('TargetGroupArn'),
    ...action.at('ForwardConfig', 'TargetGroups').items.map((group) => group.at('TargetGroupArn')),
  ]);
  return arns.some(({ target }) => targetGroups.some(({ path }) => path === target));
}
