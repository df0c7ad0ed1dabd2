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
    others:
      'Set idleTimeout of the load balancer (the attribute idle_timeout.timeout_seconds) to the deregistration delay at least, or lower that. Acknowledge where long answers are streams that never pause.',
  },
  judge,
};

/** What an application load balancer has, unless it was told otherwise. */
const DEFAULT_IDLE_TIMEOUT = 60;

function judge(served: ServedService): Verdict[] {
  const { service, isBehindLoadBalancer, waysIn } = served;
  const deadline = deadlineOf(served);
  if (!isBehindLoadBalancer || !deadline) return [];
  if (waysIn.length === 0) return [unseen(service)];
  const balancers = new Set(waysIn.map(({ loadBalancer }) => loadBalancer));
  return [...balancers].flatMap((balancer) =>
    balancer ? judgeBalancer(service, deadline, balancer) : unseen(service),
  );
}

function unseen(service: Resource): Verdict {
  const says = 'How long the load balancer waits for an answer is not said by this app, or known at deployment only';
  return notJudged(service, 'LoadBalancers', says);
}

interface Deadline {
  readonly seconds: number;
  readonly says: string;
  /** Whether the load balancer has to wait for longer, and not only for as long. */
  readonly isOwn: boolean;
}

/**
 * Ours say how long a request may take. Of others the deregistration delay does, if somebody chose one: it is what a
 * leaving replica gets to finish the requests that it has.
 */
function deadlineOf({ overlay, targetGroups }: ServedService): Deadline | undefined {
  if (overlay) {
    const seconds = (overlay.requestTimeoutMs ?? SERVING_DEFAULTS.requestTimeoutMs) / 1000;
    return { seconds, says: `A request may take ${seconds} s (requestTimeout)`, isOwn: true };
  }
  const delays = targetGroups.map(
    (group) => group.at('TargetGroupAttributes').valueOf('deregistration_delay.timeout_seconds').number ?? 0,
  );
  const seconds = Math.max(0, ...delays);
  const says = `A leaving replica gets ${seconds} s to finish its requests (deregistrationDelay)`;
  return seconds > 0 ? { seconds, says, isOwn: false } : undefined;
}

function judgeBalancer(service: Resource, deadline: Deadline, balancer: Resource): Verdict[] {
  const type = balancer.at('Type').text ?? 'application';
  if (type !== 'application') return [];
  const attribute = balancer.at('LoadBalancerAttributes').valueOf('idle_timeout.timeout_seconds');
  if (attribute.isOpen) return [unseen(service)];
  const idle = attribute.number ?? DEFAULT_IDLE_TIMEOUT;
  const waits = deadline.isOwn ? idle > deadline.seconds : idle >= deadline.seconds;
  if (waits) return [];
  return [
    found(service, 'LoadBalancers', `${deadline.says}, and the load balancer ${balancer.path} waits for ${idle} s`),
  ];
}
