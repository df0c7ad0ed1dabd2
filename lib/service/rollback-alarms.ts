/**
 * The alarms that take a deployment back: what a bad version does to its callers, seen faster than anybody would be woken
 * for. They watch the API's own metrics by names alone, since ECS wants alarms to be there before the service is.
 */
import { Names } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { metricRow, PERIOD } from '../monitoring/api-metrics';

/** Two bad minutes of three. ECS watches for about as long again after the last replica was replaced. */
const QUICK = { evaluationPeriods: 3, datapointsToAlarm: 2 } as const;

/** In a minute, of all replicas. One that dies now and then is replaced; three a minute do not come by chance. */
const WORKER_RESTARTS = 3;

export interface RollbackAlarmsProps {
  readonly apiName: string;
  /** Of answered requests. */
  readonly errorPercent: number;
}

export class RollbackAlarms extends Construct {
  public readonly alarms: Alarm[];
  /** Known at synth: a reference from the service would make a cycle once an alarm looks at the service. */
  public readonly alarmNames: string[];

  constructor(scope: Construct, id: string, props: RollbackAlarmsProps) {
    super(scope, id);
    const alarms = [this.serverErrors(props), this.workerRestarts(props)];
    this.alarms = alarms.map(({ alarm }) => alarm);
    this.alarmNames = alarms.map(({ alarmName }) => alarmName);
  }

  private serverErrors({ apiName, errorPercent }: RollbackAlarmsProps): Named {
    return this.define('ServerErrorsAlarm', {
      alarmDescription: `${apiName}: more than ${errorPercent} % of requests are answered with a 5xx code. A deployment that runs is taken back.`,
      metric: new MathExpression({
        label: 'Server errors (%)',
        expression: 'IF(requests > 0, 100 * errors / requests, 0)',
        period: PERIOD,
        usingMetrics: { requests: metricRow(apiName, 'requests'), errors: metricRow(apiName, 'serverErrors') },
      }),
      threshold: errorPercent,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    });
  }

  /** A version that kills a worker with one request of many fails too few of them for the alarm above. */
  private workerRestarts({ apiName }: RollbackAlarmsProps): Named {
    return this.define('WorkerRestartsAlarm', {
      alarmDescription: `${apiName}: workers die again and again. A deployment that runs is taken back.`,
      metric: metricRow(apiName, 'workerRestarts'),
      threshold: WORKER_RESTARTS,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    });
  }

  private define(id: string, condition: Condition): Named {
    const alarmName = `${Names.uniqueResourceName(this, { maxLength: 200, separator: '-' })}-${id}`;
    const alarm = new Alarm(this, id, {
      ...QUICK,
      // Nobody who calls is no fault, and a replica that is not there yet fails nobody.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...condition,
      alarmName,
    });
    return { alarm, alarmName };
  }
}

type Condition = Pick<AlarmProps, 'metric' | 'threshold' | 'alarmDescription' | 'comparisonOperator'>;

interface Named {
  readonly alarm: Alarm;
  readonly alarmName: string;
}
