/**
 * The step for bursts beside the tracking of a target. Tracking waits for three minutes above its target before it adds
 * anything; by then a burst has filled every queue. This policy looks every ten seconds, adds, and never takes away.
 */
import { Duration } from 'aws-cdk-lib';
import { AdjustmentType, MetricAggregationType, StepScalingAction } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { ApplicationScalingAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import { EMF_INTERVAL_MS } from '../../runtime/contract/metrics';

export interface BurstProps {
  readonly apiName: string;
  /** Work offered to a replica on average, stored by the second. */
  readonly metric: Metric;
  /** What tracking keeps it at. */
  readonly target: number;
  readonly scaleOutCooldown: Duration;
}

/**
 * A replica that is offered k times its target has k - 1 missing beside it: at twice the target one, 100 %, at four times
 * three, 300 %, and at thirty-two times thirty-one. Tracking does the rest in between. There is no step between the last
 * two, because requests that wait are offered work too: a few seconds of twice the load look like ten times the target.
 * One replica becomes two at least, whatever a percentage rounds to.
 */
const STEPS = [
  { from: 2, to: 4, percent: 100 },
  { from: 4, to: 32, percent: 300 },
  { from: 32, percent: 3_100 },
] as const;

/**
 * A new replica counts, with nothing to do, from its first line on, one to two minutes after it was asked for. Until then
 * the average is as high as it was, and the same step again would answer the same burst twice. A higher step acts when the
 * alarm repeats itself, once a minute, by what it has more.
 */
const COOLDOWN = Duration.minutes(3);

/**
 * Made of its parts: the CDK's own step scaling leaves open what missing data means, and would add a second alarm, to take
 * replicas away, as soon as a step says so.
 */
export function defineBurst(replicas: ScalableTaskCount, props: BurstProps): void {
  const { apiName, metric, target, scaleOutCooldown } = props;
  const [{ from: threshold }] = STEPS;
  const action = new StepScalingAction(replicas, 'Burst', {
    scalingTarget: replicas,
    adjustmentType: AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
    minAdjustmentMagnitude: 1,
    metricAggregationType: MetricAggregationType.AVERAGE,
    cooldown: longer(COOLDOWN, scaleOutCooldown),
  });
  for (const step of STEPS) {
    action.addAdjustment({
      adjustment: step.percent,
      // Bounds count from the alarm's threshold.
      lowerBound: (step.from - threshold) * target,
      upperBound: 'to' in step ? (step.to - threshold) * target : undefined,
    });
  }
  const alarm = new Alarm(replicas, 'BurstAlarm', {
    alarmDescription: `${apiName}: a burst. Replicas are added; nobody has to do anything.`,
    metric: metric.with({ period: Duration.millis(EMF_INTERVAL_MS) }),
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: threshold * target,
    // Two of three: a single slow request is no burst, and one line that comes late hides none.
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new ApplicationScalingAction(action));
}

function longer(one: Duration, other: Duration): Duration {
  return one.toSeconds() > other.toSeconds() ? one : other;
}
