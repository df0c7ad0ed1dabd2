/**
 * The alarms that take a deployment back: what a bad version does to its callers, seen faster than anybody would be woken
 * for. They watch the API's own metrics by names alone, since ECS wants alarms to be there before the service is.
 */
import { Duration, Names } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { metricRow, percentOf } from '../monitoring/api-metrics';

/** Two bad minutes of three. ECS watches for about as long again after the last replica was replaced. */
const QUICK = { evaluationPeriods: 3, datapointsToAlarm: 2 } as const;

/**
 * Of all replicas. A worker that dies with its first request is there again after its load time and a pause, which is next
 * to nothing at first: three deaths in a row span twice the load time, so six minutes have them at any up to two minutes.
 */
const WORKER_RESTARTS = { threshold: 3, evaluationPeriods: 1, datapointsToAlarm: 1 } as const;
const RESTARTS_PERIOD = Duration.minutes(6);

export interface RollbackAlarmsProps {
  readonly apiName: string;
  /** Of answered requests, those with a 4xx code left out. */
  readonly errorPercent: number;
  /** In a minute; with fewer no share is taken. */
  readonly minRequests: number;
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

  private serverErrors({ apiName, errorPercent, minRequests }: RollbackAlarmsProps): Named {
    return this.define('ServerErrorsAlarm', {
      alarmDescription: `${apiName}: more than ${errorPercent} % of requests are answered with a 5xx code. A deployment that runs is taken back.`,
      metric: percentOf(apiName, { label: 'Server errors (%)', failed: ['serverErrors'], minRequests }),
      ...QUICK,
      threshold: errorPercent,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    });
  }

  /** A version that kills a worker with one request of many fails too few of them for the alarm above. */
  private workerRestarts({ apiName }: RollbackAlarmsProps): Named {
    return this.define('WorkerRestartsAlarm', {
      alarmDescription: `${apiName}: workers die again and again. A deployment that runs is taken back.`,
      metric: metricRow(apiName, 'workerRestarts', { period: RESTARTS_PERIOD }),
      ...WORKER_RESTARTS,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    });
  }

  private define(id: string, condition: Condition): Named {
    const alarmName = `${Names.uniqueResourceName(this, { maxLength: 200, separator: '-' })}-${id}`;
    const alarm = new Alarm(this, id, {
      // Nobody who calls is no fault, and a replica that is not there yet fails nobody.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...condition,
      alarmName,
    });
    return { alarm, alarmName };
  }
}

type Condition = Omit<AlarmProps, 'alarmName' | 'treatMissingData'>;

interface Named {
  readonly alarm: Alarm;
  readonly alarmName: string;
}
