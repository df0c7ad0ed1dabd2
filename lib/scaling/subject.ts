/** What a scaling works with, and what it answers. */
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { BaseService, ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';

export interface ScalingSubject {
  readonly apiName: string;
  readonly service: BaseService;
  /** Requests offered to a replica, on average. */
  readonly offeredConcurrency: Metric;
  /** Requests that a replica runs at a time. */
  readonly replicaConcurrency: number;
  /** With fewer of them the rollout cannot replace any. */
  readonly leastReplicas: number;
}

export interface ScalingBinding {
  readonly replicas: ScalableTaskCount;
  /** Whether there are times without a replica. */
  readonly mayHaveNone: boolean;
}
