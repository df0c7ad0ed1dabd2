/**
 * Alarms on how fast an error budget is spent. The burn rate is the share of failed requests over the share that the
 * objective lets fail: at 1 a month's budget lasts a month, at 14.4 two days. An alarm rings while the rate is exceeded
 * over a long window, which says that it matters, and a short one, which says that it still goes on.
 *
 * Formula, windows and rates: The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"
 * (https://sre.google/workbook/alerting-on-slos/). There both pairs page; here the slower one, five days from the end of
 * the budget, is a warning.
 */
import { Duration } from 'aws-cdk-lib';
import { Alarm, AlarmRule, ComparisonOperator, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { AlarmOptions } from './alarm-options';
import { alarmId, CRITICAL, describe, type Naming, type SevereAlarm, shown, WARNING } from './alarm-plan';
import type { BurnRateThreshold } from './alarm-thresholds';
import { metricRow } from './api-metrics';
import { defineComposite } from './composite';
import type { ServiceLevelObjective } from './service-level-objective';

const KIND = { alarmType: 'BurnRateAlarm', ownSeverity: CRITICAL } as const;

const DEFAULTS: { readonly [severity: string]: BurnRateThreshold } = {
  // 2 % of a month's budget in the hour.
  [CRITICAL]: { maxBurnRate: 14.4, longWindow: Duration.hours(1), shortWindow: Duration.minutes(5) },
  // 5 % of it in six hours.
  [WARNING]: { maxBurnRate: 6, longWindow: Duration.hours(6), shortWindow: Duration.minutes(30) },
};

export function defineBurnRateAlarms(scope: Construct, naming: Naming, options: AlarmOptions): SevereAlarm[] {
  const { slo, burnRateAlarm = DEFAULTS } = options;
  if (slo === undefined) return [];
  return Object.entries(burnRateAlarm).map(([severity, threshold]) => {
    const id = alarmId(KIND, severity);
    const { actionsEnabled, longWindow, shortWindow } = threshold;
    const halves = { Long: longWindow, Short: shortWindow };
    const [long, short] = Object.entries(halves).map(([half, window]) =>
      defineHalf(scope, `${id}${half}`, { naming, slo, threshold, window, severity }),
    ) as [Alarm, Alarm];
    const alarm = defineComposite(scope, id, {
      alarmRule: AlarmRule.allOf(long, short),
      actionsEnabled,
      alarmDescription: describe(naming, KIND.alarmType, severity, saysOf(threshold, longWindow, shortWindow)),
    });
    return { alarm, alarmType: KIND.alarmType, severity, tells: actionsEnabled ?? true };
  });
}

interface Half {
  readonly naming: Naming;
  readonly slo: ServiceLevelObjective;
  readonly threshold: BurnRateThreshold;
  readonly window: Duration;
  readonly severity: string;
}

function defineHalf(scope: Construct, id: string, { naming, slo, threshold, window, severity }: Half): Alarm {
  return new Alarm(scope, id, {
    metric: burnRate(naming.apiName, slo, window),
    threshold: threshold.maxBurnRate,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: describe(naming, KIND.alarmType, severity, `half of an alarm: ${saysOf(threshold, window)}`),
  });
}

/** Refused requests are no errors of the handler's, and failures to whoever sent them. */
export function burnRate(
  apiName: string,
  { availabilityPercent }: ServiceLevelObjective,
  period: Duration,
  label = `Burn rate over ${period.toHumanString()}`,
): MathExpression {
  return new MathExpression({
    label,
    expression: `IF(requests > 0, 100 * (errors + shed) / requests / (100 - ${shown(availabilityPercent)}), 0)`,
    period,
    usingMetrics: {
      requests: metricRow(apiName, 'requests', { period }),
      errors: metricRow(apiName, 'serverErrors', { period }),
      shed: metricRow(apiName, 'shed', { period }),
    },
  });
}

function saysOf({ maxBurnRate }: BurnRateThreshold, ...windows: Duration[]): string {
  const over = windows.map((window) => window.toHumanString()).join(' and over ');
  return `the error budget is spent more than ${shown(maxBurnRate)} times too fast over ${over}`;
}
