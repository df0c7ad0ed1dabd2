/** For each option of scaling an edit of it, and what that edit may cost. */
import { Duration, TimeZone } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { type ConcurrencyScalingOptions, Scaling, type ScalingSchedule } from '../../../lib';
import { type Change, ofApi } from './change';

const NOW = Schedule.cron({ hour: '8', minute: '0' });
const metric = new Metric({ namespace: 'Mine', metricName: 'Depth' });

/** A way of scaling has its policy under a name of its own: the new one is there before the old one goes. */
const OTHER_POLICY = {
  'takes away AWS::ApplicationAutoScaling::ScalingPolicy':
    'another signal is another policy, and the target with its count stays',
};
/** The step policy for bursts, and the alarm that sets it off. */
const NO_BURST = {
  ...OTHER_POLICY,
  'takes away AWS::CloudWatch::Alarm': 'the alarm that set off the step for bursts goes with it',
};

const concurrency = (options: ConcurrencyScalingOptions) => ofApi(() => ({ scaling: Scaling.onConcurrency(options) }));

const schedule = (options: Partial<ScalingSchedule>) =>
  ofApi(
    () => ({ scaling: Scaling.onConcurrency({ schedules: [{ schedule: NOW, minReplicas: 2, ...options }] }) }),
    () => ({ scaling: Scaling.onConcurrency({ schedules: [{ schedule: NOW, minReplicas: 1 }] }) }),
  );

export const SCALING: Record<string, Change> = {
  'Scaling.onConcurrency': concurrency({ minReplicas: 3 }),
  'Scaling.onCpu': ofApi(() => ({ scaling: Scaling.onCpu() }), undefined, NO_BURST),
  'Scaling.onMetric': ofApi(() => ({ scaling: Scaling.onMetric({ metric, target: 5 }) }), undefined, NO_BURST),
  'Scaling.onRequests': ofApi(() => ({ scaling: Scaling.onRequests({ requestsPerMinute: 60 }) }), undefined, NO_BURST),
  'ConcurrencyScalingOptions.burst': ofApi(
    () => ({ scaling: Scaling.onConcurrency({ burst: false }) }),
    undefined,
    NO_BURST,
  ),
  'ConcurrencyScalingOptions.targetUtilization': concurrency({ targetUtilization: 0.5 }),
  'CpuScalingOptions.targetUtilization': ofApi(
    () => ({ scaling: Scaling.onCpu({ targetUtilization: 0.5 }) }),
    () => ({ scaling: Scaling.onCpu() }),
  ),
  'RequestScalingOptions.requestsPerMinute': ofApi(
    () => ({ scaling: Scaling.onRequests({ requestsPerMinute: 90 }) }),
    () => ({ scaling: Scaling.onRequests({ requestsPerMinute: 60 }) }),
  ),
  'MetricScalingOptions.metric': ofApi(
    () => ({ scaling: Scaling.onMetric({ metric: metric.with({ statistic: 'Maximum' }), target: 5 }) }),
    () => ({ scaling: Scaling.onMetric({ metric, target: 5 }) }),
  ),
  'MetricScalingOptions.target': ofApi(
    () => ({ scaling: Scaling.onMetric({ metric, target: 6 }) }),
    () => ({ scaling: Scaling.onMetric({ metric, target: 5 }) }),
  ),
  'ScalingOptions.maxReplicas': concurrency({ maxReplicas: 20 }),
  'ScalingOptions.minReplicas': concurrency({ minReplicas: 2 }),
  'ScalingOptions.scaleInCooldown': concurrency({ scaleInCooldown: Duration.minutes(10) }),
  'ScalingOptions.scaleOutCooldown': concurrency({ scaleOutCooldown: Duration.minutes(2) }),
  'ScalingOptions.schedules': concurrency({ schedules: [{ schedule: NOW, minReplicas: 2 }] }),
  'ScalingSchedule.maxReplicas': schedule({ maxReplicas: 5 }),
  'ScalingSchedule.minReplicas': schedule({ minReplicas: 3 }),
  'ScalingSchedule.schedule': schedule({ schedule: Schedule.cron({ hour: '9', minute: '0' }) }),
  'ScalingSchedule.timeZone': schedule({ timeZone: TimeZone.EUROPE_BERLIN }),
};
