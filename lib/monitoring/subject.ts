/** What alarms and dashboard look at. */
import type { BaseService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Timing } from '../../runtime/contract/timing';

export interface MonitoringSubject {
  readonly apiName: string;
  readonly service: BaseService;
  /** In any of them replicas may be: versions take turns. */
  readonly targetGroups: readonly ApplicationTargetGroup[];
  readonly logGroup: ILogGroup;
  readonly timing: Timing;
  /** Requests that a replica runs at a time. */
  readonly replicaConcurrency: number;
  /** Whether there are times without a replica. */
  readonly mayHaveNone: boolean;
  /** GPUs of a replica. */
  readonly gpus: number;
}
