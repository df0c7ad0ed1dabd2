/** Thresholds that could never be reached, or always would be, are refused where they are declared. */
import { type Duration, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Check, isKnown } from '../private/check';
import type { AlarmOptions } from './alarm-options';
import type { AlarmThreshold } from './alarm-thresholds';
import { checkBurnRate } from './burn-rate-check';
import type { ServiceLevelObjective } from './service-level-objective';
import type { MonitoringSubject } from './subject';

/** It becomes a part of a construct's id. */
const SEVERITY = /^[A-Za-z0-9]+$/;

/** At 14.4 times the rate that 94 % allows, 86.4 % fail: below that, the fast alarm could never ring. */
const LEAST_AVAILABILITY = 94;

type Thresholds<T> = { readonly [severity: string]: T } | undefined;

export function checkAlarms(scope: Construct, subject: MonitoringSubject, options: AlarmOptions): void {
  const check = new Check(scope);
  checkCommon(check, options);
  checkObjective(check, subject, options.slo);
  each(options.serverErrorsAlarm, 'serverErrorsAlarm', (name, { maxErrorPercent }) =>
    checkShare(check, `${name}.maxErrorPercent`, maxErrorPercent),
  );
  each(options.shedAlarm, 'shedAlarm', (name, { maxShedPercent }) =>
    checkShare(check, `${name}.maxShedPercent`, maxShedPercent),
  );
  each(options.latencyAlarm, 'latencyAlarm', (name, { maxLatency }) =>
    checkLatency(check, `${name}.maxLatency`, maxLatency, subject),
  );
  each(options.saturationAlarm, 'saturationAlarm', (name, { maxUsagePercent }) =>
    checkUsage(check, `${name}.maxUsagePercent`, maxUsagePercent),
  );
  each(options.noReadyReplicasAlarm, 'noReadyReplicasAlarm', (name, { minReplicas }) =>
    check.integer(`${name}.minReplicas`, minReplicas, 1),
  );
  each(options.workerRestartsAlarm, 'workerRestartsAlarm', (name, { maxRestarts }) =>
    check.integer(`${name}.maxRestarts`, maxRestarts, 0),
  );
  each(options.targetConnectionErrorsAlarm, 'targetConnectionErrorsAlarm', (name, { maxConnectionErrors }) =>
    check.integer(`${name}.maxConnectionErrors`, maxConnectionErrors, 0),
  );
  const { slo, burnRateAlarm, slowBurnAlarm } = options;
  each(burnRateAlarm, 'burnRateAlarm', (name, threshold) => checkBurnRate(check, name, threshold, slo));
  each(slowBurnAlarm, 'slowBurnAlarm', (name, threshold) => checkBurnRate(check, name, threshold, slo));
  check.that(
    !subject.mayHaveNone || isEmpty(options.noReadyReplicasAlarm),
    'noReadyReplicasAlarm would ring whenever scaling has taken the last replica away: leave it out, or let scaling keep one',
  );
  check.done();
}

function each<T>(thresholds: Thresholds<T>, prop: string, judge: (name: string, threshold: T) => void): void {
  for (const [severity, threshold] of Object.entries(thresholds ?? {})) judge(`${prop}.${severity}`, threshold);
}

function isEmpty(thresholds: Thresholds<unknown>): boolean {
  return Object.keys(thresholds ?? {}).length === 0;
}

function checkCommon(check: Check, options: AlarmOptions): void {
  const { slo, runbookUrl, ...alarms } = options;
  for (const [prop, thresholds] of Object.entries(alarms)) {
    if (!prop.endsWith('Alarm')) continue;
    each(thresholds as Thresholds<AlarmThreshold & { minRequests?: number }>, prop, (name, threshold) => {
      check.integer(`${name}.evaluationPeriods`, threshold.evaluationPeriods, 1);
      check.integer(`${name}.datapointsToAlarm`, threshold.datapointsToAlarm, 1);
      check.integer(`${name}.minRequests`, threshold.minRequests, 0);
    });
    for (const severity of Object.keys(thresholds ?? {})) checkSeverity(check, prop, severity);
  }
}

function checkSeverity(check: Check, prop: string, severity: string): void {
  check.that(
    SEVERITY.test(severity),
    `a severity of ${prop} must be a word of letters and digits, such as Warning or Critical (got ${JSON.stringify(severity)})`,
  );
}

function checkShare(check: Check, name: string, percent: number): void {
  if (!isKnown(percent)) return;
  check.that(percent >= 0 && percent < 100, `${name} must be from 0 to below 100 (got ${percent})`);
}

function checkUsage(check: Check, name: string, percent: number): void {
  check.that(!Token.isUnresolved(percent), `${name} must be known at synth: the alarm's threshold is computed from it`);
  if (isKnown(percent)) check.that(percent > 0, `${name} must be above 0 (got ${percent})`);
}

/** A request that takes as long as the request timeout has been cut off. */
function checkLatency(check: Check, name: string, latency: Duration | undefined, { timing }: MonitoringSubject): void {
  if (latency === undefined) return;
  check.that(!latency.isUnresolved(), `${name} must be known at synth: it is compared with requestTimeout`);
  if (latency.isUnresolved()) return;
  const ms = latency.toMilliseconds();
  check.that(
    ms > 0 && ms < timing.requestTimeout * 1000,
    `${name} must be above 0 and below requestTimeout, ${timing.requestTimeout} s, at which requests are cut off (got ${ms} ms)`,
  );
}

function checkObjective(check: Check, subject: MonitoringSubject, slo?: ServiceLevelObjective): void {
  if (slo === undefined) return;
  const { availabilityPercent, latency } = slo;
  check.that(
    !isKnown(availabilityPercent) || (availabilityPercent >= LEAST_AVAILABILITY && availabilityPercent < 100),
    `slo.availabilityPercent must be from ${LEAST_AVAILABILITY} to below 100 percent, such as 99.9 (got ${availabilityPercent})`,
  );
  checkLatency(check, 'slo.latency', latency, subject);
}
