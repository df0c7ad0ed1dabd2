/**
 * What Amazon ECS tells a lifecycle hook of a deployment, and what the hook may answer.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */

export interface LifecycleEvent extends ExecutionDetails {
  readonly lifecycleStage?: string;
  /** The ARN of the deployment. */
  readonly resourceArn?: string;
  /** Left out in the form that AWS documented first: what is in it stands beside it there. */
  readonly executionDetails?: ExecutionDetails;
  /** What the hook answered last time of the same deployment, when it was in progress. */
  readonly hookDetails?: Waiting;
}

interface ExecutionDetails {
  readonly serviceArn?: string;
  /** The ARN of the version that is being deployed. */
  readonly targetServiceRevisionArn?: string;
}

export interface Waiting {
  /** When no new replica was ready for the first time, in milliseconds of the epoch. */
  readonly waitingSince?: number;
}

export interface HookAnswer {
  /** `FAILED` takes the deployment back; `IN_PROGRESS` has the hook asked again. */
  readonly hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';
  /** Seconds until then; spelt as ECS spells it. */
  readonly callBackDelay?: number;
  readonly hookDetails?: Waiting;
}

/** What Lambda says of the time that is left. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** What is wrong with an event that no later one of the same deployment can mend; undefined where nothing is. */
export function faultOf(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null) return `the event is ${JSON.stringify(event)}, and no object`;
  const target = targetOf(event);
  if (typeof target === 'string' && target !== '') return undefined;
  return 'the event names no targetServiceRevisionArn, which Amazon ECS sends to its hooks';
}

/** The ARN of the version that is being deployed. */
export function targetOf(event: LifecycleEvent): string | undefined {
  return (event.executionDetails ?? event).targetServiceRevisionArn;
}
