/** Replica by replica: new ones are ready before old ones go, where there is room for both. */
import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Check, isKnown } from '../private/check';
import { warnOfNoSpareCapacity } from '../private/spare-capacity';
import type { RolloutBinding, RolloutSubject } from './binding';
import { bindRollback, checkRollback } from './rollback';
import type { RollingOptions } from './rolling-options';

export function bindRolling(scope: Construct, options: RollingOptions, subject: RolloutSubject): RolloutBinding {
  const { apiName, hasSpareCapacity } = subject;
  const minHealthyPercent = options.minHealthyPercent ?? (hasSpareCapacity ? 100 : 0);
  const maxHealthyPercent = options.maxHealthyPercent ?? (hasSpareCapacity ? 200 : 100);
  checkRolling(scope, options, minHealthyPercent, maxHealthyPercent);
  if (!hasSpareCapacity) warnOfNoSpareCapacity(scope, minHealthyPercent);
  return {
    minHealthyPercent,
    maxHealthyPercent,
    leastReplicas: leastReplicas(minHealthyPercent, maxHealthyPercent),
    ...bindRollback(scope, apiName, options),
    alternateGroup: options.alternateTargetGroup ?? false,
  };
}

function checkRolling(scope: Construct, options: RollingOptions, least: number, most: number): void {
  const check = new Check(scope);
  checkRollback(check, options);
  check.integer('minHealthyPercent', least, 0, 100);
  check.integer('maxHealthyPercent', most, 100);
  check.that(
    !isKnown(least) || !isKnown(most) || most > least,
    `maxHealthyPercent (${most}) must be above minHealthyPercent (${least}), or neither may a new replica start nor an old one stop: raise the one or lower the other`,
  );
  check.done();
}

/** ECS rounds what must stay up and what may run down: a half more of one replica is none. */
function leastReplicas(minHealthyPercent: number, maxHealthyPercent: number): number {
  if (Token.isUnresolved(minHealthyPercent) || Token.isUnresolved(maxHealthyPercent)) return 1;
  for (let replicas = 1; replicas < 100; replicas += 1) {
    const mayStart = Math.floor((replicas * maxHealthyPercent) / 100) > replicas;
    const mayStop = Math.ceil((replicas * minHealthyPercent) / 100) < replicas;
    if (mayStart || mayStop) return replicas;
  }
  return 100;
}
