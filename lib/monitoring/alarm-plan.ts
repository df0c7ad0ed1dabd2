/**
 * From a kind of alarm and its thresholds by severity to alarms: their ids, what they say, how long something must last.
 * An alarm under its kind's own severity has the kind's id, any other that id and the severity; ids are public API.
 */
import { Tokenization } from 'aws-cdk-lib';
import { Alarm, type AlarmBase, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { Check, isKnown } from '../private/check';
import type { AlarmThreshold } from './alarm-thresholds';

/** The severity whose alarms make the composite alarm. */
export const CRITICAL = 'Critical';
export const WARNING = 'Warning';

const RUNBOOK_URL = 'https://github.com/cdk-model-api/cdk-model-api/blob/main/docs/runbook.md';

/** An alarm, and how bad it is. */
export interface SevereAlarm {
  readonly alarm: AlarmBase;
  readonly alarmType: string;
  readonly severity: string;
  /** Whether it tells anybody. */
  readonly tells: boolean;
}

interface AlarmDuration {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
}

/** When an alarm rings, unless its threshold says otherwise. */
export interface Condition extends AlarmDuration {
  /** Continues "<API>: …", with the threshold. */
  readonly says: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly comparisonOperator?: ComparisonOperator;
  readonly treatMissingData?: TreatMissingData;
}

/** Alarms about one thing. */
export interface AlarmKind<T> {
  readonly alarmType: string;
  readonly ownSeverity: string;
  readonly thresholds: { readonly [severity: string]: T };
  readonly condition: (threshold: T) => Condition;
}

/** Three bad minutes of five: neither a single burst nor a deployment's last failing replica. */
export const LASTING = { evaluationPeriods: 5, datapointsToAlarm: 3 } as const;

/** What alarms are called, and where to read on. */
export interface Naming {
  readonly apiName: string;
  readonly runbookUrl?: string;
}

export function definePlanned<T extends AlarmThreshold>(
  scope: Construct,
  naming: Naming,
  kind: AlarmKind<T>,
): SevereAlarm[] {
  const { alarmType } = kind;
  return Object.entries(kind.thresholds).map(([severity, threshold]) => {
    const { says, ...condition } = kind.condition(threshold);
    const alarm = new Alarm(scope, alarmId(kind, severity), {
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      // An idle API has nothing to report; that is no fault.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...condition,
      ...duration(scope, `${optionOf(alarmType)}.${severity}`, threshold, condition),
      actionsEnabled: threshold.actionsEnabled,
      alarmDescription: describe(naming, alarmType, severity, says),
    });
    return { alarm, alarmType, severity, tells: threshold.actionsEnabled ?? true };
  });
}

export function alarmId(
  { alarmType, ownSeverity }: Pick<AlarmKind<unknown>, 'alarmType' | 'ownSeverity'>,
  severity: string,
): string {
  return severity === ownSeverity ? alarmType : `${alarmType}${severity}`;
}

export function describe({ apiName, runbookUrl }: Naming, alarmType: string, severity: string, says: string): string {
  return `${apiName}: ${says}. ${severity}. Runbook: ${runbookUrl ?? RUNBOOK_URL}#${alarmType.toLowerCase()}`;
}

/** A number in a sentence: one that is known at deployment only must not be printed as its placeholder. */
export function shown(value: number): string {
  return Tokenization.stringifyNumber(value);
}

/** The prop in which an alarm's thresholds stand. */
function optionOf(alarmType: string): string {
  return alarmType.charAt(0).toLowerCase() + alarmType.slice(1);
}

/** How long it must last: whoever names periods means all of them. */
function duration(scope: Construct, name: string, threshold: AlarmThreshold, usual: AlarmThreshold): AlarmDuration {
  const { evaluationPeriods = usual.evaluationPeriods } = threshold;
  const datapointsToAlarm = threshold.datapointsToAlarm ?? threshold.evaluationPeriods ?? usual.datapointsToAlarm;
  const check = new Check(scope);
  if (isKnown(evaluationPeriods) && isKnown(datapointsToAlarm)) {
    check.that(
      datapointsToAlarm <= evaluationPeriods,
      `${name}.datapointsToAlarm (${datapointsToAlarm}) must not exceed evaluationPeriods (${evaluationPeriods})`,
    );
  }
  check.done();
  return { evaluationPeriods, datapointsToAlarm } as AlarmDuration;
}
