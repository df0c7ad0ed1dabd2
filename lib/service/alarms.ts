/** What somebody should be told of: an API that fails, is about to time out, refuses work or is not there. */
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarmAction,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { metricRow, PERIOD } from './api-metrics';
import type { MonitoringSubject } from './monitoring-subject';

/** An alarm's own part; what all have in common is below. */
type Condition = Pick<AlarmProps, 'metric' | 'threshold' | 'alarmDescription'> & Partial<AlarmProps>;

/** Three bad minutes of five: neither a single burst nor a deployment's last failing replica. */
const LASTING = { evaluationPeriods: 5, datapointsToAlarm: 3 } as const;

/** Of answered requests. */
const SERVER_ERROR_PERCENT = 5;
/** Of the request timeout: beyond it the slowest requests are about to be cut off. */
const LATENCY_SHARE = 0.9;

export function defineAlarms(scope: Construct, subject: MonitoringSubject, actions: IAlarmAction[]): Alarm[] {
  const alarms = Object.entries(conditionsOf(subject)).map(
    ([id, condition]) =>
      new Alarm(scope, id, {
        ...LASTING,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        // An idle API has nothing to report; that is no fault.
        treatMissingData: TreatMissingData.NOT_BREACHING,
        ...condition,
      }),
  );
  for (const alarm of alarms) if (actions.length > 0) alarm.addAlarmAction(...actions);
  return alarms;
}

function conditionsOf({ apiName, targetGroup, timing }: MonitoringSubject): { [id: string]: Condition } {
  return {
    ServerErrorsAlarm: {
      alarmDescription: `${apiName}: more than ${SERVER_ERROR_PERCENT} % of requests are answered with a 5xx code. Look for "error" in the logs.`,
      metric: serverErrorPercent(apiName),
      threshold: SERVER_ERROR_PERCENT,
    },
    LatencyAlarm: {
      alarmDescription: `${apiName}: the slowest 1 % of requests take nearly as long as requestTimeout allows.`,
      metric: metricRow(apiName, 'latency', { statistic: Stats.p(99) }),
      threshold: LATENCY_SHARE * timing.requestTimeout * 1000,
    },
    ShedAlarm: {
      alarmDescription: `${apiName}: requests are refused with 503 because queues are full. Raise maxReplicas or lower targetUtilization.`,
      metric: metricRow(apiName, 'shed'),
      threshold: 0,
    },
    NoReadyReplicasAlarm: {
      alarmDescription: `${apiName}: no replica is ready. Look for "load_failed" in the logs.`,
      metric: targetGroup.metrics.healthyHostCount({ statistic: Stats.MINIMUM, period: PERIOD }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // The load balancer reports nothing when it has nobody to report of.
      treatMissingData: TreatMissingData.BREACHING,
    },
  };
}

function serverErrorPercent(apiName: string): MathExpression {
  return new MathExpression({
    label: 'Server errors (%)',
    expression: 'IF(requests > 0, 100 * errors / requests, 0)',
    period: PERIOD,
    usingMetrics: { requests: metricRow(apiName, 'requests'), errors: metricRow(apiName, 'serverErrors') },
  });
}
