/**
 * Alarms on how fast an error budget is spent. The burn rate is the share of failed requests over the share that the
 * objective lets fail: at 1 a month's budget lasts a month, at 14.4 two days. An alarm rings while the rate is exceeded
 * over a long window, which says that it matters, and a short one, which says that it still goes on.
 *
 * Formula, windows and rates: The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"
 * (https://sre.google/workbook/alerting-on-slos/). There the first two pairs page; here the second, five days from the
 * end of the budget, is a warning as the third is.
 */
import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  AlarmRule,
  ComparisonOperator,
  type MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { AlarmOptions } from './alarm-options';
import {
  type AlarmKind,
  alarmId,
  CRITICAL,
  describe,
  type Naming,
  type SevereAlarm,
  shown,
  WARNING,
} from './alarm-plan';
import type { BurnRateThreshold } from './alarm-thresholds';
import { MIN_REQUESTS, percentOf } from './api-metrics';
import { defineComposite } from './composite';
import type { ServiceLevelObjective } from './service-level-objective';

type Kind = Pick<AlarmKind<BurnRateThreshold>, 'alarmType' | 'ownSeverity' | 'thresholds'>;

/** 2 % of a month's budget in the hour. */
const FASTEST: BurnRateThreshold = {
  maxBurnRate: 14.4,
  longWindow: Duration.hours(1),
  shortWindow: Duration.minutes(5),
};

const DEFAULTS: { readonly [severity: string]: BurnRateThreshold } = {
  [CRITICAL]: FASTEST,
  // 5 % of it in six hours.
  [WARNING]: { maxBurnRate: 6, longWindow: Duration.hours(6), shortWindow: Duration.minutes(30) },
};

const SLOW_DEFAULTS: { readonly [severity: string]: BurnRateThreshold } = {
  // 10 % of it in three days.
  [WARNING]: { maxBurnRate: 1, longWindow: Duration.days(3), shortWindow: Duration.hours(6) },
};

export function defineBurnRateAlarms(scope: Construct, naming: Naming, options: AlarmOptions): SevereAlarm[] {
  const { slo, burnRateAlarm = DEFAULTS, slowBurnAlarm = SLOW_DEFAULTS } = options;
  if (slo === undefined) return [];
  const fast = { alarmType: 'BurnRateAlarm', ownSeverity: CRITICAL, thresholds: burnRateAlarm };
  const slow = { alarmType: 'SlowBurnAlarm', ownSeverity: WARNING, thresholds: slowBurnAlarm };
  return [fast, slow].flatMap((kind) => defineKind(scope, naming, slo, kind));
}

function defineKind(scope: Construct, naming: Naming, slo: ServiceLevelObjective, kind: Kind): SevereAlarm[] {
  const { alarmType } = kind;
  return Object.entries(kind.thresholds).map(([severity, threshold]) => {
    const id = alarmId(kind, severity);
    const { actionsEnabled, longWindow, shortWindow } = threshold;
    const say = (says: string) => describe(naming, alarmType, severity, says);
    const [long, short] = Object.entries({ Long: longWindow, Short: shortWindow }).map(([half, window]) =>
      defineHalf(scope, `${id}${half}`, {
        metric: burnRate(naming.apiName, slo, threshold, window),
        threshold: threshold.maxBurnRate,
        alarmDescription: say(`half of an alarm: ${saysOf(threshold, window)}`),
      }),
    ) as [Alarm, Alarm];
    const alarm = defineComposite(scope, id, {
      alarmRule: AlarmRule.allOf(long, short),
      actionsEnabled,
      alarmDescription: say(saysOf(threshold, longWindow, shortWindow)),
    });
    return { alarm, alarmType, severity, tells: actionsEnabled ?? true };
  });
}

function defineHalf(
  scope: Construct,
  id: string,
  half: Pick<AlarmProps, 'metric' | 'threshold' | 'alarmDescription'>,
): Alarm {
  return new Alarm(scope, id, {
    ...half,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/** Refused requests are no errors of the handler's, and failures to whoever sent them. */
function burnRate(
  apiName: string,
  { availabilityPercent }: ServiceLevelObjective,
  { minRequests = MIN_REQUESTS, shortWindow }: BurnRateThreshold,
  period: Duration,
): MathExpression {
  return percentOf(apiName, {
    label: `Burn rate over ${period.toHumanString()}`,
    failed: ['serverErrors', 'shed'],
    minRequests: Math.ceil((minRequests * period.toSeconds()) / shortWindow.toSeconds()),
    period,
    scaled: ` / (100 - ${shown(availabilityPercent)})`,
  });
}

/** The burn rate that the fastest alarm sees over its long window, for the dashboard. */
export function fastestBurnRate(
  apiName: string,
  slo: ServiceLevelObjective,
  { burnRateAlarm }: AlarmOptions,
): MathExpression {
  const fastest = burnRateAlarm?.[CRITICAL] ?? FASTEST;
  return burnRate(apiName, slo, fastest, fastest.longWindow);
}

function saysOf({ maxBurnRate }: BurnRateThreshold, ...windows: Duration[]): string {
  const over = windows.map((window) => window.toHumanString()).join(' and over ');
  return `the error budget is spent more than ${shown(maxBurnRate)} times too fast over ${over}`;
}
