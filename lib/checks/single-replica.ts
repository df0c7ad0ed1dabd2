/** At most one replica ever runs: whatever happens to it happens to every caller. */
import { isOnEveryInstance, replicaLimitsOf } from './replica-limits';
import type { Resource } from './resources';
import { found, notJudged, type Rule, type Verdict } from './rule';
import type { ServedService } from './served-service';

export const singleReplica: Rule = {
  name: 'SingleReplica',
  level: 'warning',
  why: 'When it crashes, or its zone fails, nobody is answered until another one has loaded the model; and no load makes a second one start.',
  remedy: {
    ours: 'Raise maxReplicas of the scaling to 2 at least, and minReplicas too where a pause hurts.',
    others:
      'Allow 2 replicas at least, by maxCapacity of the scalable target or by desiredCount where nothing scales; and keep 2 where a pause hurts.',
  },
  judge,
};

function judge(served: ServedService): Verdict[] {
  if (isOnEveryInstance(served)) return [];
  const { service } = served;
  const { scalableTargets, mayBeMore } = replicaLimitsOf(served);
  if (scalableTargets.length > 0) return scalableTargets.flatMap(judgeMaximum);
  const count = service.at('DesiredCount');
  // Amazon ECS starts one where no number was ever said.
  if (mayBeMore || (count.number ?? 1) > 1) return [];
  if (count.isOpen) return [notJudged(service, 'DesiredCount', 'The desired count is known at deployment only')];
  return [
    found(service, 'DesiredCount', `The service has a desired count of ${count.number ?? 1}, and nothing raises it`),
  ];
}

function judgeMaximum(target: Resource): Verdict[] {
  const most = target.at('MaxCapacity');
  if (most.isOpen) return [notJudged(target, 'MaxCapacity', 'The maximum of replicas is known at deployment only')];
  if (most.number === undefined || most.number > 1) return [];
  return [found(target, 'MaxCapacity', `At most ${most.number} replica of the service may run`)];
}
