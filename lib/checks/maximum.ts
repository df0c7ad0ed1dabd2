/** Nothing says how many replicas may run: the service neither follows its load nor has a bound that was chosen. */
import { isOnEveryInstance, replicaLimitsOf } from './replica-limits';
import { found, notJudged, type Rule, type Verdict } from './rule';
import type { ServedService } from './served-service';

export const maximum: Rule = {
  name: 'NoMaximum',
  level: 'warning',
  why: 'As many replicas run as somebody last asked for: at a peak callers are refused or wait, at night idle replicas are paid, and no template says what the service may cost at most.',
  remedy: {
    ours: 'Leave the scaling to the ModelApi: minReplicas and maxReplicas of its Scaling say how many replicas run.',
    others:
      'Define a scalable target with minCapacity and maxCapacity and a policy, such as by service.autoScaleTaskCount(). Acknowledge where a fixed number is meant.',
  },
  judge,
};

function judge(served: ServedService): Verdict[] {
  if (isOnEveryInstance(served)) return [];
  const { service } = served;
  const { scalableTargets, mayBeMore } = replicaLimitsOf(served);
  if (scalableTargets.length > 0) return [];
  if (mayBeMore) {
    return [notJudged(service, 'DesiredCount', 'Whose scalable targets there are is known at deployment only')];
  }
  const count = service.at('DesiredCount').number;
  const fixed = count === undefined ? '' : `: its desired count is ${count}`;
  return [found(service, 'DesiredCount', `No scalable target says how many replicas of the service may run${fixed}`)];
}
