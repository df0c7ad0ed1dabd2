/** The load balancer gives up on a request before its replica does. */
import { SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import type { Resource } from './resources';
import { found, notJudged, type Rule, type Verdict } from './rule';
import type { ServedService } from './served-service';

export const deadlines: Rule = {
  name: 'DeadlineAboveIdleTimeout',
  level: 'error',
  why: 'A request on which nothing moves for the idle timeout is answered with 504 by the load balancer, while its replica goes on working for nobody: callers that try again double the load.',
  remedy: {
    ours: 'Set idleTimeout of the load balancer (the attribute idle_timeout.timeout_seconds) at least 5 s above requestTimeout, or lower requestTimeout.',
  },
  judge,
};

/** What an application load balancer has, unless it was told otherwise. */
const DEFAULT_IDLE_TIMEOUT = 60;

/**
 * Only a ModelApi says how long a request may take. A deregistration delay does not: it bounds how long a leaving replica is
 * waited for, and its default of 300 s stands above the default idle timeout in services without a fault.
 */
function judge({ service, isBehindLoadBalancer, waysIn, overlay }: ServedService): Verdict[] {
  if (!overlay || !isBehindLoadBalancer) return [];
  if (waysIn.length === 0) return [unseen(service)];
  const deadline = (overlay.requestTimeoutMs ?? SERVING_DEFAULTS.requestTimeoutMs) / 1000;
  const balancers = new Set(waysIn.map(({ loadBalancer }) => loadBalancer));
  return [...balancers].flatMap((balancer) =>
    balancer ? judgeBalancer(service, deadline, balancer) : unseen(service),
  );
}

function unseen(service: Resource): Verdict {
  const says = 'How long the load balancer waits for an answer is not said by this app, or known at deployment only';
  return notJudged(service, 'LoadBalancers', says);
}

function judgeBalancer(service: Resource, deadline: number, balancer: Resource): Verdict[] {
  const type = balancer.at('Type').text ?? 'application';
  if (type !== 'application') return [];
  const attribute = balancer.at('LoadBalancerAttributes').valueOf('idle_timeout.timeout_seconds');
  if (attribute.isOpen) return [unseen(service)];
  const idle = attribute.number ?? DEFAULT_IDLE_TIMEOUT;
  if (idle > deadline) return [];
  const says = `A request may take ${deadline} s (requestTimeout), and the load balancer ${balancer.path} waits for ${idle} s`;
  return [found(service, 'LoadBalancers', says)];
}
