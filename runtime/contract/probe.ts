/**
 * What crosses between the probe function, who defines it and who invokes it. The probe runs inside the VPC and posts
 * straight to a ready replica, so that a prediction can be asked for without a way into the network.
 */

/** The environment of the function. */
export const PROBE_VARIABLES = {
  targetGroupArn: 'TARGET_GROUP_ARN',
  basePath: 'BASE_PATH',
  timeoutMs: 'TIMEOUT_MS',
  /** Of an API that asks for keys alone. */
  apiKeysSecret: 'API_KEYS_SECRET',
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
