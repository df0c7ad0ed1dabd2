/**
 * The serving manifest: what crosses from a declaration to the container that serves it, in two layers.
 *
 * `serving.json` is baked into the image and says only what belongs to the code, so that development, staging and
 * production share one image. The overlay is the environment variable `MODEL_API_CONFIG` and says what belongs to the
 * deployment; it may carry values that are known only at deployment, and never secrets. The gateway lays the overlay
 * over the baked layer and checks both against the schemas below.
 */

/** The environment variable that carries the overlay as a JSON object. */
export const OVERLAY_VARIABLE = 'MODEL_API_CONFIG';

/**
 * Environment variables that say where things lie, each with its default inside the image. Only `model-api dev`, which
 * runs the same gateway outside an image, sets them.
 */
export const PATH_VARIABLES = {
  handler: 'MODEL_API_HANDLER_DIR',
  manifest: 'MODEL_API_MANIFEST',
  python: 'MODEL_API_PYTHON',
  worker: 'MODEL_API_WORKER_DIR',
} as const;

/** Where things lie inside the image; `runtime/image/Dockerfile` puts them there. */
export const IMAGE_PATHS = {
  handler: '/opt/model',
  manifest: '/opt/model-api/serving.json',
  gateway: '/opt/model-api/gateway/main.mjs',
  worker: '/opt/model-api/worker',
  python: '/opt/venv/bin/python',
  /** Writable volumes: a read-only root leaves nothing else. */
  scratch: ['/tmp', '/var/cache/model'],
} as const;

/**
 * What the gateway's Node is told before it starts: 4 MiB as half of the space for what is new, instead of 16. Requests are
 * short, so that nearly all of it is garbage whenever it is looked through, and the model has use for 20 MiB. Into 2 MiB
 * those that run at a time hardly fit, which costs more.
 */
export const NODE_FLAGS = ['--max-semi-space-size=4'] as const;

/** The numeric user and group the container runs as: not root, and without a name in any base image. */
export const IMAGE_USER = '10001:10001';

export const MANIFEST_VERSION = 1;

/** Layer one, `serving.json`: a pure function of the model directory and its `ModelHandler`. */
export interface ServingManifest {
  readonly manifestVersion: typeof MANIFEST_VERSION;
  /** The Python file with the handler, relative to the model directory. */
  readonly entry: string;
  /** Requests that one worker runs at a time. Left out: 1, or 100 for an `async def` handler. */
  readonly concurrency?: number;
  /** How requests of a `predict_batch` handler are joined. */
  readonly batching?: Batching;
  /** Load the handler once and fork each worker from it, where system and load allow. Left out: false. */
  readonly preload?: boolean;
}

/** Rows, window and deadline are separate: the deadline is each request's own. */
export interface Batching {
  /**
   * Most rows of one call of `predict_batch`; a request usually is one row, and one of more rows is never split. Left
   * out: 64.
   */
  readonly maxBatchSize?: number;
  /**
   * How long an idle worker waits for a full batch, in milliseconds; 0 never waits. Left out: a quarter of a call's mean time,
   * 5 at most, and only for as many rows as were outstanding lately.
   */
  readonly windowMs?: number;
  /**
   * Batches are made smaller when one call takes longer than this, in milliseconds, waiting not included. Left out: no
   * target.
   */
  readonly latencyTargetMs?: number;
}

/** Which pages of other origins a browser lets call this API. */
export interface Cors {
  /** As a browser sends them, such as `https://app.example.com`, without a path; `*` alone means all. */
  readonly allowOrigins: readonly string[];
  /** Request headers that pages may send beside the safelisted ones. */
  readonly allowHeaders?: readonly string[];
  /** How long a browser may remember the permission, in seconds. Left out: 600. */
  readonly maxAgeSeconds?: number;
}

/** Layer two, the overlay: what this deployment of the code is called and how it is run. */
export interface ServingOverlay {
  /**
   * The API's name: the `Api` dimension of its metrics, the title of its OpenAPI document, the model of `/v1` and
   * `/v2`. Left out: `model`.
   */
  readonly name?: string;
  /**
   * The version of what is deployed, as the deployment calls it; the model's version of `/v2`. Left out: there is none.
   */
  readonly version?: string;
  /** What the handler receives as `config`. Left out: `{}`. */
  readonly config?: { readonly [key: string]: unknown };
  /** The path prefix that the load balancer forwards and the gateway strips, such as `/iris`. Left out: none. */
  readonly basePath?: string;
  /** The address to listen on, for both ports: the laptop's own in `model-api dev`. Left out: all of them. */
  readonly host?: string;
  /** Left out: 8080; 0 takes any that is free. `SAGEMAKER_BIND_TO_PORT` goes before it. */
  readonly port?: number;
  /**
   * Health, readiness, metrics and the model repository answer here only, when set; on `port` when not, where
   * SageMaker's routes are then too.
   */
  readonly managementPort?: number;
  /** Python processes. `auto`: one for each CPU but one, at least one. Left out: 1. */
  readonly workers?: number | 'auto';
  /** Requests that one worker runs at a time; goes before the manifest's. */
  readonly concurrency?: number;
  /** Replace a worker after so many requests; left out: never. */
  readonly recycleRequests?: number;
  /** Replace a worker whose resident memory exceeds so many bytes; left out: never. */
  readonly recycleBytes?: number;
  /** Requests that may wait, for all workers together. Left out: 100. */
  readonly queueRequests?: number;
  /** Bytes of the request bodies that may wait. Left out: 64 MiB. */
  readonly queueBytes?: number;
  /** Largest request body, in bytes, as it comes and once its coding is undone. Left out: 10 MiB. */
  readonly maxBodyBytes?: number;
  /** Deepest nesting of arrays and objects in a request body. Left out: 100. */
  readonly maxJsonDepth?: number;
  /** Left out: browsers keep pages of other origins away. */
  readonly cors?: Cors;
  /** Longest time from a request's arrival to its answer, of a stream to its end, in milliseconds. Left out: 55,000. */
  readonly requestTimeoutMs?: number;
  /** Longest time a worker may take to load the handler and answer its samples, in milliseconds. Left out: 600,000. */
  readonly loadTimeoutMs?: number;
  /** Run the samples through each worker before it is ready; a sample that fails is a failed load. Left out: true. */
  readonly warmUp?: boolean;
  /**
   * The Secrets Manager secret with the keys that callers must have, by its ARN. Left out: no key is asked for. Every
   * route of `port` asks for one, so health checks need a `managementPort` beside it.
   */
  readonly apiKeysSecret?: string;
  /** First loads that may fail before the gateway gives up and exits non-zero. Left out: 3. */
  readonly loadAttempts?: number;
  /** After SIGTERM: how long readiness says 503 while requests are still taken, in milliseconds. Left out: 0. */
  readonly serveOnMs?: number;
  /** How long an idle connection is kept, in milliseconds: longer than the load balancer keeps it. Left out: 75,000. */
  readonly keepAliveTimeoutMs?: number;
  /** Longest time for the headers of a request, in milliseconds. Left out: 80,000. */
  readonly headersTimeoutMs?: number;
  /** Write metrics to standard output in CloudWatch's embedded metric format. Left out: false. */
  readonly emf?: boolean;
}

/** Both layers laid over the defaults: what the gateway runs by. */
export type ServingConfig = Required<Omit<ServingOverlay, Undefaulted>> &
  Required<Pick<ServingManifest, 'entry' | 'batching' | 'preload'>> &
  Pick<ServingOverlay, Undefaulted>;

/** What has no default: left out, it is not there. */
type Undefaulted =
  | 'managementPort'
  | 'version'
  | 'concurrency'
  | 'apiKeysSecret'
  | 'cors'
  | 'recycleRequests'
  | 'recycleBytes';

/** 64 MiB of waiting bodies leave room for the model in the smallest task. */
const QUEUE_BYTES = 64 * 1024 * 1024;

/** The defaults that both sides print, document and compute with. */
export const SERVING_DEFAULTS = {
  entry: 'predict.py',
  batching: { maxBatchSize: 64 },
  preload: false,
  name: 'model',
  config: {},
  basePath: '',
  host: '0.0.0.0',
  port: 8080,
  workers: 1,
  queueRequests: 100,
  queueBytes: QUEUE_BYTES,
  maxBodyBytes: 10 * 1024 * 1024,
  maxJsonDepth: 100,
  requestTimeoutMs: 55_000,
  loadTimeoutMs: 600_000,
  warmUp: true,
  loadAttempts: 3,
  serveOnMs: 0,
  keepAliveTimeoutMs: 75_000,
  headersTimeoutMs: 80_000,
  emf: false,
} as const satisfies Omit<ServingConfig, Undefaulted>;

/** Workers of a container with so many CPUs: the gateway takes the one that is left out, and shares a single one. */
export function automaticWorkers(cpus: number): number {
  return Math.max(1, Math.floor(cpus) - 1);
}

/** The port of the management surface wherever a load balancer must not reach it. */
export const MANAGEMENT_PORT = 8081;

/** As many as a frame between gateway and worker can count. */
export const MAX_BATCH_SIZE = 0xffff;

const positive = { type: 'integer', minimum: 1 } as const;
const milliseconds = { type: 'integer', minimum: 0 } as const;
const port = { type: 'integer', minimum: 0, maximum: 65535 } as const;

/** All, or scheme, host and port in the one form that browsers send: lower case, and without the scheme's own port. */
const ORIGIN = '^(\\*|(?!http://.*:80$|https://.*:443$)[a-z][a-z0-9+.-]*://[a-z0-9.\\[\\]:_-]+)$';

/** JSON Schema (2020-12) of `serving.json`. */
export const MANIFEST_SCHEMA = {
  type: 'object',
  required: ['manifestVersion', 'entry'],
  additionalProperties: false,
  properties: {
    manifestVersion: { const: MANIFEST_VERSION },
    entry: { type: 'string', minLength: 1 },
    concurrency: positive,
    batching: {
      type: 'object',
      additionalProperties: false,
      properties: {
        maxBatchSize: { ...positive, maximum: MAX_BATCH_SIZE },
        windowMs: { type: 'number', minimum: 0 },
        latencyTargetMs: { type: 'number', exclusiveMinimum: 0 },
      } satisfies Record<keyof Batching, object>,
    },
    preload: { type: 'boolean' },
  } satisfies Record<keyof ServingManifest, object>,
} as const;

/** JSON Schema (2020-12) of the overlay. */
export const OVERLAY_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1 },
    version: { type: 'string' },
    config: { type: 'object' },
    basePath: { type: 'string', pattern: '^(/[A-Za-z0-9._~-]+)*$' },
    host: { type: 'string', minLength: 1 },
    port,
    managementPort: port,
    workers: { anyOf: [positive, { const: 'auto' }] },
    concurrency: positive,
    recycleRequests: positive,
    recycleBytes: positive,
    queueRequests: positive,
    queueBytes: positive,
    maxBodyBytes: positive,
    maxJsonDepth: positive,
    cors: {
      type: 'object',
      required: ['allowOrigins'],
      additionalProperties: false,
      properties: {
        allowOrigins: {
          type: 'array',
          minItems: 1,
          items: { type: 'string', pattern: ORIGIN },
          if: { contains: { const: '*' } },
          // biome-ignore lint/suspicious/noThenProperty: this is JSON Schema's `then`.
          then: { maxItems: 1 },
        },
        allowHeaders: { type: 'array', items: { type: 'string', pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" } },
        maxAgeSeconds: { type: 'integer', minimum: 0 },
      } satisfies Record<keyof Cors, object>,
    },
    requestTimeoutMs: positive,
    loadTimeoutMs: positive,
    warmUp: { type: 'boolean' },
    apiKeysSecret: { type: 'string', minLength: 1 },
    loadAttempts: positive,
    serveOnMs: milliseconds,
    keepAliveTimeoutMs: milliseconds,
    headersTimeoutMs: milliseconds,
    emf: { type: 'boolean' },
  } satisfies Record<keyof ServingOverlay, object>,
} as const;
