/** Where it is said how many replicas of a service may run, and whether anything moves their number. */
import type { Property } from './property';
import type { Resource, Resources } from './resources';
import type { ServedService } from './served-service';

export interface ReplicaLimits {
  readonly scalableTargets: readonly Resource[];
  /** Whether another one may be the service's: whose it is only the deployment knows. */
  readonly mayBeMore: boolean;
  /** Whether anything moves the number within the limits: a policy, or a schedule. Undefined where it may be. */
  readonly isMoved: boolean | undefined;
}

export function replicaLimitsOf({ service, resources }: ServedService): ReplicaLimits {
  const services = resources.of('service').map(({ path }) => path);
  const name = service.at('ServiceName').text;
  const isIts = (id: Property) =>
    id.targets.includes(service.path) || (name !== undefined && id.ending?.text.endsWith(`/${name}`) === true);
  const targets = resources.of('scalableTarget').filter((one) => isOfService(one.at('ServiceNamespace').text));
  const ids = targets.map((target) => ({ target, id: target.at('ResourceId') }));
  const scalableTargets = ids.filter(({ id }) => isIts(id)).map(({ target }) => target);
  const mayBeMore = ids.some(({ id }) => id.ending === undefined && !id.targets.some((one) => services.includes(one)));
  return { scalableTargets, mayBeMore, isMoved: isMoved(scalableTargets, resources, isIts) };
}

/** A policy names the target, or what that scales; which one the deployment alone may know. */
function isMoved(
  targets: readonly Resource[],
  resources: Resources,
  isIts: (id: Property) => boolean,
): boolean | undefined {
  const schedules = targets.map((target) => target.at('ScheduledActions'));
  if (schedules.some(({ items }) => items.length > 0)) return true;
  const policies = resources.of('scalingPolicy').filter((one) => isOfService(one.at('ServiceNamespace').text));
  const paths = targets.map(({ path }) => path);
  const named = policies.map((policy) => [policy.at('ScalingTargetId'), policy.at('ResourceId')] as const);
  if (named.some(([target, id]) => target.targets.some((one) => paths.includes(one)) || isIts(id))) return true;
  const isUnknown = (property: Property) =>
    property.isOpen && property.targets.every((one) => !isKnown(one, resources));
  const mayBe = schedules.some(({ isOpen }) => isOpen) || named.some((ids) => ids.some(isUnknown));
  return mayBe ? undefined : false;
}

function isKnown(path: string, resources: Resources): boolean {
  return [...resources.of('scalableTarget'), ...resources.of('service')].some((one) => one.path === path);
}

function isOfService(namespace = 'ecs'): boolean {
  return namespace === 'ecs';
}

/** One replica for each instance of the cluster, whatever the load. */
export function isOnEveryInstance({ service }: ServedService): boolean {
  return service.at('SchedulingStrategy').text === 'DAEMON';
}
