/** A replica that loads its model for longer than the grace period is stopped before it has ever answered. */
import { SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { found, notJudged, type Rule, type Verdict } from './rule';
import type { ServedService } from './served-service';

const PROPERTY = 'HealthCheckGracePeriodSeconds';

/** Seconds that the CDK gives to every service behind a load balancer, unless somebody said otherwise. */
const GIVEN_UNASKED = 60;

export const loadGrace: Rule = {
  name: 'NoLoadGrace',
  level: 'error',
  why: 'Until a model is loaded its replica fails the health checks of the load balancer; once the grace period is over Amazon ECS stops it for that and starts another, which loads again: the service never becomes stable.',
  remedy: {
    ours: 'Leave the grace period to the ModelApi, where it follows loadTimeout, or set it to that at least.',
    others:
      'Set healthCheckGracePeriod of the service above the longest time in which a replica pulls its image, loads its model and warms up.',
  },
  judge,
};

function judge(served: ServedService): Verdict[] {
  const { service, isBehindLoadBalancer } = served;
  if (!isBehindLoadBalancer) return [];
  const period = service.at(PROPERTY);
  if (period.isOpen) return [notJudged(service, PROPERTY, 'The grace period is known at deployment only')];
  const seconds = period.number ?? 0;
  const says = seconds === 0 ? 'The service has no health check grace period' : `The grace period is ${seconds} s`;
  const declared = declaredLoad(served);
  if (declared) {
    const fits = seconds >= declared.seconds;
    return fits
      ? []
      : [found(service, PROPERTY, `${says}, and ${declared.by} lets a replica load for ${declared.seconds} s`)];
  }
  if (seconds > GIVEN_UNASKED) return [];
  const unasked =
    seconds === GIVEN_UNASKED ? ', as the CDK sets it where nobody did, and nothing says that a replica is faster' : '';
  return [found(service, PROPERTY, `${says}${unasked}`)];
}

interface DeclaredLoad {
  readonly seconds: number;
  readonly by: string;
}

/** Ours say it; of others the health check of a container does, by the time for which its failures do not count. */
function declaredLoad({ overlay, containers }: ServedService): DeclaredLoad | undefined {
  if (overlay) return { seconds: (overlay.loadTimeoutMs ?? SERVING_DEFAULTS.loadTimeoutMs) / 1000, by: 'loadTimeout' };
  const periods = containers.map((container) => container.at('HealthCheck', 'StartPeriod').number ?? 0);
  const seconds = Math.max(0, ...periods);
  return seconds > 0 ? { seconds, by: "the container's health check (startPeriod)" } : undefined;
}
