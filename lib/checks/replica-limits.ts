/** Where it is said how many replicas of a service may run. */
import type { Resource } from './resources';
import type { ServedService } from './served-service';

export interface ReplicaLimits {
  readonly scalableTargets: readonly Resource[];
  /** Whether another one may be the service's: whose it is only the deployment knows. */
  readonly mayBeMore: boolean;
}

export function replicaLimitsOf({ service, resources }: ServedService): ReplicaLimits {
  const services = resources.of('service').map(({ path }) => path);
  const name = service.at('ServiceName').text;
  const targets = resources.of('scalableTarget').filter((one) => isOfService(one.at('ServiceNamespace').text));
  const ids = targets.map((target) => ({ target, id: target.at('ResourceId') }));
  const scalableTargets = ids
    .filter(
      ({ id }) => id.targets.includes(service.path) || (name !== undefined && id.ending?.text.endsWith(`/${name}`)),
    )
    .map(({ target }) => target);
  const mayBeMore = ids.some(({ id }) => id.ending === undefined && !id.targets.some((one) => services.includes(one)));
  return { scalableTargets, mayBeMore };
}

function isOfService(namespace = 'ecs'): boolean {
  return namespace === 'ecs';
}

/** One replica for each instance of the cluster, whatever the load. */
export function isOnEveryInstance({ service }: ServedService): boolean {
  return service.at('SchedulingStrategy').text === 'DAEMON';
}
