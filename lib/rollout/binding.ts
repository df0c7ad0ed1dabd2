/** What a rollout works with, and what it asks of target, service and probe. */
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { BaseServiceOptions } from 'aws-cdk-lib/aws-ecs';
import type { RolloutCheckSettings } from '../../runtime/contract/probe';
import type { ReplicaRange } from '../scaling/limits';
import type { TestListenerOptions } from './test-listener-options';

export interface RolloutSubject {
  readonly apiName: string;
  /** Whether old and new replicas fit beside each other. */
  readonly hasSpareCapacity: boolean;
  /** Replicas that fit at most, old and new together; left out: as many as AWS has room for. */
  readonly roomFor?: number;
  /** How many scaling may ask for. */
  readonly replicas: ReplicaRange;
}

/** How Amazon ECS leads callers from the old version to the new one. */
export type Shift = Pick<
  BaseServiceOptions,
  'deploymentStrategy' | 'bakeTime' | 'canaryConfiguration' | 'linearConfiguration'
>;

/** By what a new version is judged; how long it may take to be there follows from the load timeout. */
export type RolloutCheck = Omit<RolloutCheckSettings, 'waitMs'>;

export interface RolloutBinding {
  readonly minHealthyPercent: number;
  readonly maxHealthyPercent: number;
  /** With fewer replicas than these nothing can be replaced: percentages are of whole ones. */
  readonly leastReplicas: number;
  readonly rollbackAlarmNames: string[];
  /** What the service must come after. */
  readonly rollbackAlarms: IAlarm[];
  /** Whether versions take turns between two target groups. */
  readonly alternateGroup: boolean;
  /** Left out: replica by replica. */
  readonly shift?: Shift;
  readonly testListener?: TestListenerOptions;
  /** Left out: nobody judges a new version before callers do. */
  readonly check?: RolloutCheck;
}
