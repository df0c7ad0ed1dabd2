/** Burn rates that could never be reached, and windows that CloudWatch does not take, are refused where declared. */
import { type Duration, Token } from 'aws-cdk-lib';
import { type Check, isKnown } from '../private/check';
import type { BurnRateThreshold } from './alarm-thresholds';
import type { ServiceLevelObjective } from './service-level-objective';

/** CloudWatch looks back no further; beyond a day it looks once an hour. */
const ONE_WEEK = 7 * 86_400;

export function checkBurnRate(
  check: Check,
  name: string,
  threshold: BurnRateThreshold,
  slo?: ServiceLevelObjective,
): void {
  const { maxBurnRate, minRequests, longWindow, shortWindow } = threshold;
  check.that(slo !== undefined, `${name} needs slo: without an objective there is no error budget to spend`);
  check.that(
    !Token.isUnresolved(minRequests),
    `${name}.minRequests must be known at synth: it is scaled to the long window`,
  );
  checkWindows(check, name, longWindow, shortWindow);
  if (!isKnown(maxBurnRate)) return;
  check.that(maxBurnRate > 0, `${name}.maxBurnRate must be above 0 (got ${maxBurnRate})`);
  if (!isKnown(slo?.availabilityPercent)) return;
  const failing = maxBurnRate * (100 - slo.availabilityPercent);
  check.that(
    failing < 100,
    `${name}.maxBurnRate of ${maxBurnRate} can never be reached: with slo.availabilityPercent ${slo.availabilityPercent} even an API that fails every request spends its budget ${(100 / (100 - slo.availabilityPercent)).toFixed(1)} times too fast`,
  );
}

function checkWindows(check: Check, name: string, longWindow: Duration, shortWindow: Duration): void {
  const windows = { longWindow, shortWindow };
  for (const [window, duration] of Object.entries(windows)) {
    check.that(!duration.isUnresolved(), `${name}.${window} must be known at synth: it is compared with the other`);
    if (duration.isUnresolved()) return;
    const seconds = duration.toSeconds({ integral: false });
    check.that(
      seconds >= 60 && seconds <= ONE_WEEK && seconds % 60 === 0,
      `${name}.${window} must be whole minutes, from one to a week (got ${seconds} s)`,
    );
  }
  check.that(
    shortWindow.toSeconds({ integral: false }) < longWindow.toSeconds({ integral: false }),
    `${name}.shortWindow (${shortWindow.toHumanString()}) must be shorter than longWindow (${longWindow.toHumanString()})`,
  );
}
