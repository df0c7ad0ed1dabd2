/**
 * How CloudWatch decides an alarm's state: M of the last N data points, and what missing ones count for. From its user
 * guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data", whose tables are the tests.
 */

export type Missing = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface Evaluation {
  readonly comparison: 'GreaterThanThreshold' | 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold';
  readonly threshold: number;
  /** N. */
  readonly evaluationPeriods: number;
  /** M. */
  readonly datapointsToAlarm: number;
  readonly missing: Missing;
}

/**
 * CloudWatch looks at more periods than it evaluates, so that one that is late is replaced by an older one. How many more
 * it does not say; in its examples it is five for three.
 */
export function rangeOf({ evaluationPeriods }: Evaluation): number {
  return evaluationPeriods + 2;
}

/** `points` are those of the range, the oldest first; `undefined` is a missing one. */
export function evaluate(points: readonly (number | undefined)[], settings: Evaluation, before: State): State {
  const { evaluationPeriods, datapointsToAlarm, missing } = settings;
  const found = points.filter((point) => point !== undefined);
  const real = found.slice(-evaluationPeriods);
  const breaching = real.filter((point) => isBreaching(point, settings)).length;
  const filled = evaluationPeriods - real.length;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (filled === 0 || missing === 'notBreaching') return 'OK';
  if (missing === 'breaching') return allMissingOrEnough(breaching, filled, settings);
  if (real.length > breaching) return 'OK';
  if (missing === 'ignore') return before;
  if (real.length === 0) return 'INSUFFICIENT_DATA';
  return isOldEnough(points, datapointsToAlarm) ? 'ALARM' : before;
}

function allMissingOrEnough(breaching: number, filled: number, { datapointsToAlarm }: Evaluation): State {
  return breaching + filled >= datapointsToAlarm ? 'ALARM' : 'OK';
}

/** With nothing but breaching points an alarm goes off when the oldest of them lies M periods back. */
function isOldEnough(points: readonly (number | undefined)[], datapointsToAlarm: number): boolean {
  return points.length - points.findIndex((point) => point !== undefined) >= datapointsToAlarm;
}

function isBreaching(value: number, { comparison, threshold }: Evaluation): boolean {
  if (comparison === 'LessThanThreshold') return value < threshold;
  return comparison === 'GreaterThanThreshold' ? value > threshold : value >= threshold;
}
