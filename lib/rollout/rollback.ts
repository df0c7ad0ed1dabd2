/** The alarms of a rollout, its own and the user's. */
import type { Construct } from 'constructs';
import { MIN_REQUESTS } from '../monitoring/api-metrics';
import { type Check, isKnown } from '../private/check';
import { RollbackAlarms } from '../service/rollback-alarms';
import type { RolloutBinding } from './binding';
import type { RollbackOptions } from './rollback-options';

const DEFAULT_ERROR_PERCENT = 5;

/** `usual` is the share of errors where the user says none. */
export function bindRollback(
  scope: Construct,
  apiName: string,
  options: RollbackOptions,
  usual = DEFAULT_ERROR_PERCENT,
): Pick<RolloutBinding, 'rollbackAlarmNames' | 'rollbackAlarms'> {
  const { rollbackOnErrors = true, rollbackAlarms = [] } = options;
  const errorPercent = options.rollbackErrorPercent ?? usual;
  const minRequests = options.rollbackMinRequests ?? MIN_REQUESTS;
  const own = rollbackOnErrors
    ? new RollbackAlarms(scope, 'Rollout', { apiName, errorPercent, minRequests })
    : undefined;
  return {
    rollbackAlarmNames: [...(own?.alarmNames ?? []), ...rollbackAlarms.map(({ alarmName }) => alarmName)],
    rollbackAlarms: [...(own?.alarms ?? []), ...rollbackAlarms],
  };
}

export function checkRollback(check: Check, options: RollbackOptions): void {
  const { rollbackOnErrors = true, rollbackErrorPercent, rollbackMinRequests } = options;
  check.integer('rollbackMinRequests', rollbackMinRequests, 0);
  check.that(
    !isKnown(rollbackErrorPercent) || (rollbackErrorPercent > 0 && rollbackErrorPercent < 100),
    `rollbackErrorPercent must be above 0 and below 100 (got ${rollbackErrorPercent})`,
  );
  for (const name of ['rollbackErrorPercent', 'rollbackMinRequests'] as const) {
    check.that(
      rollbackOnErrors || options[name] === undefined,
      `${name} (${options[name]}) has no effect with rollbackOnErrors false: leave one of the two out`,
    );
  }
}

/** Below it lies what fails now and then without anybody's fault. */
const LEAST_ERROR_PERCENT = 0.5;

/**
 * Of a few callers that get the new version all may fail, and the share of all requests stays below what rings: half of
 * that few must be enough. Where so few get it that this would ring for nothing, only dying workers and the user's own
 * alarms tell.
 */
export function errorPercentOf(firstStep: number): number {
  return Math.min(DEFAULT_ERROR_PERCENT, Math.max(LEAST_ERROR_PERCENT, firstStep / 2));
}
