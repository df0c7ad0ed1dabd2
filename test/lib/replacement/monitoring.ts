/** For each option of monitoring an edit of it, and what that edit may cost. */
import { Duration, type Stack } from 'aws-cdk-lib';
import { TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Monitoring, type StandardMonitoringOptions } from '../../../lib';
import { type Change, ofApi, type Reasons } from './change';

type Options = StandardMonitoringOptions;

const ASKED_FOR: Reasons = {
  'takes away AWS::CloudWatch::Alarm': 'to have no alarms is what was asked for',
  'takes away AWS::CloudWatch::CompositeAlarm': 'to have no alarms is what was asked for',
  'takes away AWS::CloudWatch::Dashboard': 'to have no dashboard is what was asked for',
  'takes away AWS::Events::Rule': 'it is there to be counted by the alarm on failed deployments',
  'takes away AWS::Logs::QueryDefinition': 'to have no saved queries is what was asked for',
};

const NO_DASHBOARD: Reasons = {
  'takes away AWS::CloudWatch::Dashboard': 'to have no dashboard is what was asked for',
};

const standard = (after: Options, before: Options = {}) =>
  ofApi(
    () => ({ monitoring: Monitoring.standard(after) }),
    () => ({ monitoring: Monitoring.standard(before) }),
  );

const errors = (after: object) =>
  standard(
    { serverErrorsAlarm: { Critical: { maxErrorPercent: 5, ...after } } },
    { serverErrorsAlarm: { Critical: { maxErrorPercent: 5 } } },
  );

const BURN = { maxBurnRate: 10, longWindow: Duration.hours(2), shortWindow: Duration.minutes(10) };
const slo = { availabilityPercent: 99.9 };

const burn = (after: object) =>
  standard(
    { slo, burnRateAlarm: { Critical: { ...BURN, ...after } } },
    { slo, burnRateAlarm: { Critical: { ...BURN } } },
  );

const told = (options: (stack: Stack) => Options) =>
  ofApi((stack) => ({ monitoring: Monitoring.standard(options(stack)) }));

export const MONITORING: Record<string, Change> = {
  'Monitoring.none': ofApi(() => ({ monitoring: Monitoring.none() }), undefined, ASKED_FOR),
  'Monitoring.standard': ofApi(
    () => ({}),
    () => ({ monitoring: Monitoring.none() }),
  ),
  'StandardMonitoringOptions.actions': told((stack) => {
    const alarmArn = new Topic(stack, 'Pager').topicArn;
    return {
      actions: { addAlarmActions: ({ alarm }) => alarm.addAlarmAction({ bind: () => ({ alarmActionArn: alarmArn }) }) },
    };
  }),
  'StandardMonitoringOptions.dashboard': ofApi(
    () => ({ monitoring: Monitoring.standard({ dashboard: false }) }),
    undefined,
    NO_DASHBOARD,
  ),
  'StandardMonitoringOptions.topic': told((stack) => ({ topic: new Topic(stack, 'Topic') })),
  'StandardMonitoringOptions.widgets': standard({ widgets: [new TextWidget({ markdown: 'mine' })] }),
  'AlarmOptions.burnRateAlarm': standard({ slo, burnRateAlarm: { Critical: BURN, Warning: BURN } }, { slo }),
  'AlarmOptions.deploymentFailedAlarm': standard({ deploymentFailedAlarm: { Critical: {}, Warning: {} } }),
  'AlarmOptions.latencyAlarm': standard({ latencyAlarm: { Critical: { maxLatency: Duration.seconds(2) } } }),
  'AlarmOptions.noReadyReplicasAlarm': standard({ noReadyReplicasAlarm: { Critical: { minReplicas: 2 } } }),
  'AlarmOptions.runbookUrl': standard({ runbookUrl: 'https://wiki.example/runbook' }),
  'AlarmOptions.saturationAlarm': standard({ saturationAlarm: { Warning: { maxUsagePercent: 200 } } }),
  'AlarmOptions.serverErrorsAlarm': standard({ serverErrorsAlarm: { Critical: { maxErrorPercent: 1 } } }),
  'AlarmOptions.shedAlarm': standard({
    shedAlarm: { Critical: { maxShedPercent: 9 }, Warning: { maxShedPercent: 1 } },
  }),
  'AlarmOptions.slo': standard({ slo }),
  'AlarmOptions.slowBurnAlarm': standard({ slo, slowBurnAlarm: { Warning: BURN, Ticket: BURN } }, { slo }),
  'AlarmOptions.targetConnectionErrorsAlarm': standard({
    targetConnectionErrorsAlarm: { Critical: { maxConnectionErrors: 9 }, Warning: {} },
  }),
  'AlarmOptions.workerRestartsAlarm': standard({ workerRestartsAlarm: { Warning: { maxRestarts: 9 } } }),
  'AlarmThreshold.actionsEnabled': errors({ actionsEnabled: false }),
  'AlarmThreshold.datapointsToAlarm': errors({ datapointsToAlarm: 1 }),
  'AlarmThreshold.evaluationPeriods': errors({ evaluationPeriods: 9 }),
  'BurnRateThreshold.actionsEnabled': burn({ actionsEnabled: false }),
  'BurnRateThreshold.longWindow': burn({ longWindow: Duration.hours(3) }),
  'BurnRateThreshold.maxBurnRate': burn({ maxBurnRate: 12 }),
  'BurnRateThreshold.minRequests': burn({ minRequests: 50 }),
  'BurnRateThreshold.shortWindow': burn({ shortWindow: Duration.minutes(20) }),
  'LatencyThreshold.maxLatency': standard({ latencyAlarm: { Critical: { maxLatency: Duration.seconds(3) } } }),
  'ReadyReplicasThreshold.minReplicas': standard({ noReadyReplicasAlarm: { Critical: { minReplicas: 3 } } }),
  'SaturationThreshold.maxUsagePercent': standard({ saturationAlarm: { Warning: { maxUsagePercent: 150 } } }),
  'ServerErrorsThreshold.maxErrorPercent': errors({ maxErrorPercent: 2 }),
  'ServerErrorsThreshold.minRequests': errors({ minRequests: 50 }),
  'ServiceLevelObjective.availabilityPercent': standard({ slo: { availabilityPercent: 99.5 } }, { slo }),
  'ServiceLevelObjective.latency': standard({ slo: { ...slo, latency: Duration.seconds(1) } }, { slo }),
  'ShedThreshold.maxShedPercent': standard({
    shedAlarm: { Critical: { maxShedPercent: 8 }, Warning: { maxShedPercent: 1 } },
  }),
  'ShedThreshold.minRequests': standard({
    shedAlarm: { Critical: { maxShedPercent: 5, minRequests: 50 }, Warning: { maxShedPercent: 0 } },
  }),
  'TargetConnectionErrorsThreshold.maxConnectionErrors': standard({
    targetConnectionErrorsAlarm: { Warning: { maxConnectionErrors: 7 } },
  }),
  'WorkerRestartsThreshold.maxRestarts': standard({ workerRestartsAlarm: { Warning: { maxRestarts: 7 } } }),
};
