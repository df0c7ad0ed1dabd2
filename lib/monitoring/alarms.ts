/** What somebody should be told of: an API that fails, is slow, is full, refuses work, is not there or cannot be renewed. */
import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { checkAlarms } from './alarm-check';
import type { AlarmOptions } from './alarm-options';
import { type AlarmKind, CRITICAL, definePlanned, LASTING, type SevereAlarm, shown, WARNING } from './alarm-plan';
import type {
  AlarmThreshold,
  LatencyThreshold,
  ReadyReplicasThreshold,
  SaturationThreshold,
  ServerErrorsThreshold,
  ShedThreshold,
  TargetConnectionErrorsThreshold,
  WorkerRestartsThreshold,
} from './alarm-thresholds';
import { MIN_REQUESTS, metricRow, PERIOD, percentOf } from './api-metrics';
import { defineBurnRateAlarms } from './burn-rate';
import { failedDeployments } from './deployment-failure';
import type { MonitoringSubject } from './subject';
import { failedConnections, readyReplicas } from './target-metrics';

/** Of the request timeout: beyond it the slowest requests are about to be cut off. */
const LATENCY_SHARE = 0.9;

/**
 * A worker that dies as soon as it is ready is there again after its load time and a pause, which is nothing at first and
 * at most half a minute: three deaths in a row span twice the load time, later a minute more. So a loop shows at any load
 * time up to six minutes, and keeps ringing at up to four.
 */
const RESTARTS_PERIOD = Duration.minutes(15);
const MAX_RESTARTS = 2;

export function defineAlarms(scope: Construct, subject: MonitoringSubject, options: AlarmOptions): SevereAlarm[] {
  checkAlarms(scope, subject, options);
  const { apiName } = subject;
  const { runbookUrl } = options;
  const define = <T extends AlarmThreshold>(kind: AlarmKind<T>) => definePlanned(scope, { apiName, runbookUrl }, kind);
  return [
    ...define(serverErrors(subject, options)),
    ...define(latency(subject, options)),
    ...define(saturation(subject, options)),
    ...define(shed(subject, options)),
    ...afterwards(subject, define(noReadyReplicas(subject, options))),
    ...define(targetConnectionErrors(subject, options)),
    ...define(workerRestarts(subject, options)),
    ...define(deploymentFailed(scope, subject, options)),
    ...defineBurnRateAlarms(scope, { apiName, runbookUrl }, options),
  ];
}

function serverErrors({ apiName }: MonitoringSubject, options: AlarmOptions): AlarmKind<ServerErrorsThreshold> {
  return {
    alarmType: 'ServerErrorsAlarm',
    ownSeverity: CRITICAL,
    thresholds: options.serverErrorsAlarm ?? { [CRITICAL]: { maxErrorPercent: 5 } },
    condition: ({ maxErrorPercent, minRequests = MIN_REQUESTS }) => ({
      ...LASTING,
      says: `more than ${shown(maxErrorPercent)} % of requests are answered with a 5xx code`,
      metric: percentOf(apiName, { label: 'Server errors (%)', failed: ['serverErrors'], minRequests }),
      threshold: maxErrorPercent,
    }),
  };
}

function latency({ apiName, timing }: MonitoringSubject, options: AlarmOptions): AlarmKind<LatencyThreshold> {
  const promised = options.slo?.latency?.toMilliseconds() ?? LATENCY_SHARE * timing.requestTimeout * 1000;
  return {
    alarmType: 'LatencyAlarm',
    ownSeverity: CRITICAL,
    thresholds: options.latencyAlarm ?? { [CRITICAL]: {} },
    condition: ({ maxLatency }) => {
      const threshold = maxLatency?.toMilliseconds() ?? promised;
      return {
        ...LASTING,
        says: `the slowest 1 % of requests take more than ${threshold} ms`,
        metric: metricRow(apiName, 'latency', { statistic: Stats.p(99) }),
        threshold,
      };
    },
  };
}

/** A burst is over, and a scale-out has come, well within a quarter of an hour. */
function saturation(subject: MonitoringSubject, options: AlarmOptions): AlarmKind<SaturationThreshold> {
  const { apiName, replicaConcurrency } = subject;
  return {
    alarmType: 'SaturationAlarm',
    ownSeverity: WARNING,
    thresholds: options.saturationAlarm ?? { [WARNING]: { maxUsagePercent: 100 } },
    condition: ({ maxUsagePercent }) => ({
      evaluationPeriods: 15,
      datapointsToAlarm: 12,
      says: `replicas are offered more than ${maxUsagePercent} % of what one runs at a time (${replicaConcurrency})`,
      metric: metricRow(apiName, 'offeredConcurrency'),
      threshold: (maxUsagePercent / 100) * replicaConcurrency,
    }),
  };
}

function shed({ apiName }: MonitoringSubject, options: AlarmOptions): AlarmKind<ShedThreshold> {
  return {
    alarmType: 'ShedAlarm',
    ownSeverity: WARNING,
    thresholds: options.shedAlarm ?? { [WARNING]: { maxShedPercent: 0 }, [CRITICAL]: { maxShedPercent: 5 } },
    condition: ({ maxShedPercent, minRequests = MIN_REQUESTS }) => ({
      ...LASTING,
      says: `more than ${shown(maxShedPercent)} % of requests are refused with 503 because queues are full`,
      metric: percentOf(apiName, { label: 'Refused (%)', failed: ['shed'], minRequests }),
      threshold: maxShedPercent,
    }),
  };
}

function noReadyReplicas(subject: MonitoringSubject, options: AlarmOptions): AlarmKind<ReadyReplicasThreshold> {
  return {
    alarmType: 'NoReadyReplicasAlarm',
    ownSeverity: CRITICAL,
    thresholds: subject.mayHaveNone ? {} : (options.noReadyReplicasAlarm ?? { [CRITICAL]: {} }),
    condition: ({ minReplicas = 1 }) => ({
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      says: `ready replicas are fewer than ${shown(minReplicas)}`,
      // The most of a minute: a replica that was there at all was not missing.
      metric: readyReplicas(subject.targetGroups, { statistic: Stats.MAXIMUM, period: PERIOD }),
      threshold: minReplicas,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // The load balancer reports nothing when it has nobody to report of.
      treatMissingData: TreatMissingData.BREACHING,
    }),
  };
}

/** CloudFormation has the service stable before it defines these: the first load, however long, is before their time. */
function afterwards({ service }: MonitoringSubject, alarms: SevereAlarm[]): SevereAlarm[] {
  for (const { alarm } of alarms) alarm.node.addDependency(service);
  return alarms;
}

/** What the load balancer answers by itself no replica counts. */
function targetConnectionErrors(
  { targetGroups }: MonitoringSubject,
  options: AlarmOptions,
): AlarmKind<TargetConnectionErrorsThreshold> {
  return {
    alarmType: 'TargetConnectionErrorsAlarm',
    ownSeverity: WARNING,
    thresholds: options.targetConnectionErrorsAlarm ?? { [WARNING]: {} },
    condition: ({ maxConnectionErrors = 0 }) => ({
      ...LASTING,
      says: `connections of the load balancer to replicas fail, more than ${shown(maxConnectionErrors)} a minute`,
      metric: failedConnections(targetGroups),
      threshold: maxConnectionErrors,
    }),
  };
}

function workerRestarts({ apiName }: MonitoringSubject, options: AlarmOptions): AlarmKind<WorkerRestartsThreshold> {
  return {
    alarmType: 'WorkerRestartsAlarm',
    ownSeverity: WARNING,
    thresholds: options.workerRestartsAlarm ?? { [WARNING]: { maxRestarts: MAX_RESTARTS } },
    condition: ({ maxRestarts }) => ({
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      says: `more than ${shown(maxRestarts)} workers were replaced in a quarter of an hour`,
      metric: metricRow(apiName, 'workerRestarts', { period: RESTARTS_PERIOD }),
      threshold: maxRestarts,
    }),
  };
}

function deploymentFailed(
  scope: Construct,
  subject: MonitoringSubject,
  options: AlarmOptions,
): AlarmKind<AlarmThreshold> {
  return {
    alarmType: 'DeploymentFailedAlarm',
    ownSeverity: WARNING,
    thresholds: options.deploymentFailedAlarm ?? { [WARNING]: {} },
    condition: () => ({
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      says: 'a deployment failed (more than 0 in a minute), and Amazon ECS goes back to the version before',
      metric: failedDeployments(scope, subject),
      threshold: 0,
    }),
  };
}
