/**
 * What crosses between the probe function, who defines it and who invokes it. The probe runs inside the VPC and posts
 * straight to a ready replica, so that a prediction can be asked for without a way into the network. The same code judges
 * a new version before callers are led to it: what that function is told is at the end.
 */

/** The environment of both functions. */
export const PROBE_VARIABLES = {
  targetGroupArn: 'TARGET_GROUP_ARN',
  /** Of an API whose deployments take turns between two target groups; and the rule that leads to either. */
  alternateTargetGroupArn: 'ALTERNATE_TARGET_GROUP_ARN',
  listenerRuleArn: 'LISTENER_RULE_ARN',
  basePath: 'BASE_PATH',
  timeoutMs: 'TIMEOUT_MS',
  /** Of an API that asks for keys alone. */
  apiKeysSecret: 'API_KEYS_SECRET',
  /** Of the function that judges a new version: `RolloutCheckSettings` as JSON. */
  rolloutCheck: 'ROLLOUT_CHECK',
} as const;

/** Beside the function's code: the samples of the model directory. */
export const PROBE_SAMPLES_FILE = 'samples.json';

/** One of the model directory's samples. */
export interface ProbeSample {
  readonly name: string;
  readonly input: unknown;
  readonly output?: unknown;
}

/** What the function is asked. With `samples`, all of them are sent one by one, and `body` is ignored. */
export interface ProbeEvent {
  /** The request's body: text as it is, or a value to write as JSON. Left out: `{}`, or a GET when `path` is given. */
  readonly body?: unknown;
  /** Below the API's path. Left out: `/predict`. */
  readonly path?: string;
  readonly samples?: boolean;
}

/** What a replica answered. */
export interface ProbeAnswer {
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** Address and port of the replica. */
  readonly target: string;
}

/** The answer to a sample, beside what the sample promised. */
export interface ProbeSampleAnswer extends ProbeAnswer {
  readonly name: string;
  readonly expected?: unknown;
}

export interface ProbeSamplesResult {
  readonly samples: readonly ProbeSampleAnswer[];
}

/** By which a new version is judged. What is left out is not looked at. */
export interface RolloutCheckSettings {
  readonly samples?: {
    /** By how much a number may differ, as a share of the larger one, or absolutely below 1. */
    readonly tolerance: number;
  };
  /** Whether callers of the old version must be able to call the new one. */
  readonly contract: boolean;
  readonly latency?: LatencyLimits;
  /** For how long no new replica may be ready before that is a failure. */
  readonly waitMs: number;
}

/** How long the new version may take; at least one of the limits is given. */
export interface LatencyLimits {
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  /** Its median as a multiple of the old version's. */
  readonly ratio?: number;
  /** How often it is measured. */
  readonly requests: number;
}
