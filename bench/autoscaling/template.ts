/**
 * What the simulation knows of our scaling: the properties of a synthesized template. A ModelApi is declared in this
 * process, and limits, policies, alarms, health checks and the size of a task are read from what it renders, so that a
 * changed number in lib/ changes the simulation and none is written down here.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Access, ModelApi, type ModelApiProps, ModelHandler } from 'cdk-model-api';
import type { AlarmSettings } from './alarm';
import type { TargetGroup } from './fargate';
import type { Limits } from './scalable-target';
import type { StepSettings } from './step-policy';
import type { TrackingSettings } from './tracking-policy';

/** A policy and the alarm that invokes it. */
export interface Burst {
  readonly policy: StepSettings;
  readonly alarm: AlarmSettings;
}

export interface Declared {
  readonly limits: Limits;
  readonly tracking: TrackingSettings;
  readonly bursts: readonly Burst[];
  readonly group: TargetGroup;
  readonly vcpus: number;
  readonly memoryGb: number;
}

// biome-ignore lint/suspicious/noExplicitAny: properties are as their type has them.
type Properties = any;

export type Template = { readonly Resources: Readonly<Record<string, { Type: string; Properties: Properties }>> };

/** The template of a stack with nothing but this API. */
export function templateOf(props: Partial<ModelApiProps>): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'model-api-autoscaling-'));
  try {
    const app = new App({ outdir });
    const stack = new Stack(app, 'Simulated', { env: { account: '123456789012', region: 'us-east-1' } });
    const handler = ModelHandler.fromImage(ContainerImage.fromRegistry('model'));
    new ModelApi(stack, 'Api', { handler, access: Access.internal(), ...props });
    return app.synth().getStackArtifact(stack.artifactId).template;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export function readTemplate(template: Template): Declared {
  const [target] = ofType(template, 'AWS::ApplicationAutoScaling::ScalableTarget');
  const [group] = ofType(template, 'AWS::ElasticLoadBalancingV2::TargetGroup');
  const [task] = ofType(template, 'AWS::ECS::TaskDefinition');
  return {
    limits: { min: target.properties.MinCapacity, max: target.properties.MaxCapacity },
    tracking: trackingOf(template),
    bursts: burstsOf(template),
    group: groupOf(group.properties),
    vcpus: Number(task.properties.Cpu) / 1024,
    memoryGb: Number(task.properties.Memory) / 1024,
  };
}

function trackingOf(template: Template): TrackingSettings {
  const policies = ofType(template, POLICY).filter(
    ({ properties }) => properties.PolicyType === 'TargetTrackingScaling',
  );
  const [{ properties }] = policies;
  const {
    TargetValue,
    ScaleOutCooldown,
    ScaleInCooldown,
    CustomizedMetricSpecification: metric,
  } = properties.TargetTrackingScalingPolicyConfiguration;
  if (policies.length !== 1 || metric?.MetricName !== SIGNAL || metric.Statistic !== 'Average') {
    throw new Error(
      `The simulation knows one policy that tracks the average of ${SIGNAL}, not ${JSON.stringify(policies)}.`,
    );
  }
  return { targetValue: TargetValue, scaleOutCooldown: ScaleOutCooldown, scaleInCooldown: ScaleInCooldown };
}

const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';
const SIGNAL = 'OfferedConcurrency';

/** Each alarm whose action is a step policy. */
function burstsOf(template: Template): Burst[] {
  const policies = ofType(template, POLICY).filter(({ properties }) => properties.PolicyType === 'StepScaling');
  return policies.flatMap(({ id, properties }) => {
    const invoking = ofType(template, 'AWS::CloudWatch::Alarm').filter(({ properties: { AlarmActions = [] } }) =>
      AlarmActions.some((action: { Ref?: string }) => action.Ref === id),
    );
    return invoking.map(({ properties: alarm }) => ({
      policy: stepOf(properties.StepScalingPolicyConfiguration, alarm.Threshold),
      alarm: alarmOf(alarm),
    }));
  });
}

function stepOf(configuration: Properties, threshold: number): StepSettings {
  return {
    adjustmentType: configuration.AdjustmentType,
    minAdjustmentMagnitude: configuration.MinAdjustmentMagnitude ?? 1,
    cooldown: configuration.Cooldown,
    threshold,
    steps: configuration.StepAdjustments.map((step: Properties) => ({
      from: step.MetricIntervalLowerBound ?? Number.NEGATIVE_INFINITY,
      to: step.MetricIntervalUpperBound ?? Number.POSITIVE_INFINITY,
      adjustment: step.ScalingAdjustment,
    })),
  };
}

function alarmOf(alarm: Properties): AlarmSettings {
  if (alarm.MetricName !== SIGNAL || alarm.Statistic !== 'Average') {
    throw new Error(`The simulation knows alarms on the average of ${SIGNAL}, not ${JSON.stringify(alarm)}.`);
  }
  return {
    period: alarm.Period,
    evaluationPeriods: alarm.EvaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods,
    comparison: alarm.ComparisonOperator,
    threshold: alarm.Threshold,
    missing: alarm.TreatMissingData ?? 'missing',
  };
}

function groupOf(group: Properties): TargetGroup {
  const attributes = Object.fromEntries(
    group.TargetGroupAttributes.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]),
  );
  if (attributes['load_balancing.algorithm.type'] !== 'least_outstanding_requests') {
    throw new Error('The simulation knows a load balancer that counts outstanding requests.');
  }
  return {
    healthCheckInterval: group.HealthCheckIntervalSeconds,
    healthyThreshold: group.HealthyThresholdCount,
    deregistrationDelay: Number(attributes['deregistration_delay.timeout_seconds']),
  };
}

function ofType(template: Template, type: string): { id: string; properties: Properties }[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => ({ id, properties: resource.Properties }));
}
