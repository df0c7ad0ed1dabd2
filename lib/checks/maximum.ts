/** The service does not follow its load: nothing says how many replicas may run, or nothing moves their number. */
import { isOnEveryInstance, replicaLimitsOf } from './replica-limits';
import type { Resource } from './resources';
import { found, notJudged, type Rule, type Verdict } from './rule';
import type { ServedService } from './served-service';

export const maximum: Rule = {
  name: 'NoMaximum',
  level: 'warning',
  why: 'As many replicas run as somebody last asked for: at a peak callers are refused or wait, at night idle replicas are paid, and no template says what the service may cost at most.',
  remedy: {
    ours: 'Leave the scaling to the ModelApi: minReplicas and maxReplicas of its Scaling say how many replicas run.',
    others:
      'Define a scalable target with minCapacity and maxCapacity by service.autoScaleTaskCount(), and a policy by a method of what that returns, such as scaleOnCpuUtilization(). Acknowledge where a fixed number is meant.',
  },
  judge,
};

function judge(served: ServedService): Verdict[] {
  if (isOnEveryInstance(served)) return [];
  const { service } = served;
  const { scalableTargets, mayBeMore, isMoved } = replicaLimitsOf(served);
  const [target] = scalableTargets;
  if (target) return isMoved ? [] : [withoutPolicy(target, isMoved)];
  if (mayBeMore) {
    return [notJudged(service, 'DesiredCount', 'Whose scalable targets there are is known at deployment only')];
  }
  const count = service.at('DesiredCount').number;
  const fixed = count === undefined ? '' : `: its desired count is ${count}`;
  return [found(service, 'DesiredCount', `No scalable target says how many replicas of the service may run${fixed}`)];
}

/** A target alone only bounds what somebody asks for by hand. */
function withoutPolicy(target: Resource, isMoved: false | undefined): Verdict {
  const place = 'ScheduledActions';
  if (isMoved === undefined)
    return notJudged(target, place, 'Whose scaling policies there are is known at deployment only');
  return found(
    target,
    place,
    'The scalable target has neither a scaling policy nor a schedule: nothing changes the number of replicas',
  );
}
