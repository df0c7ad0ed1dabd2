/** How a replica serves: the options that an API and its task have in common. All of them end in the overlay. */
import type { Duration, Size } from 'aws-cdk-lib';
import type { CorsOptions } from './cors-options';

/** How a replica serves its model. */
export interface ServingOptions {
  /**
   * The path under which the load balancer forwards to the API, such as `/iris`.
   *
   * Predictions are then answered at `/iris/predict`. The handler does not see the prefix.
   *
   * @default '/'
   */
  readonly path?: string;

  /**
   * The API's name: the only dimension of its metrics and the title of its OpenAPI document.
   *
   * Two APIs of one account and region must not share it, or they share their scaling signal and alarms too.
   *
   * @default - a name made of the stack's name and the construct's path
   */
  readonly apiName?: string;

  /**
   * The version of what is deployed, as you call it. Shown in logs and in the OpenAPI document.
   *
   * @default - no version
   */
  readonly version?: string;

  /**
   * What the handler receives as `config`. May hold values that are known only at deployment.
   *
   * Never put secrets here: whoever may read the task definition reads them. Use `secrets`.
   *
   * @default {}
   */
  // biome-ignore lint/suspicious/noExplicitAny: jsii has no unknown.
  readonly config?: { readonly [key: string]: any };

  /**
   * Longest time from a request's arrival to its answer. Idle timeouts, drain and stop timeouts follow it.
   *
   * @default Duration.seconds(55)
   */
  readonly requestTimeout?: Duration;

  /**
   * Longest time a worker may take to load the handler. The deployment's grace period follows it.
   *
   * @default Duration.minutes(10)
   */
  readonly loadTimeout?: Duration;

  /**
   * Whether each new worker answers the model directory's `samples/*.json` before it takes requests.
   *
   * The first requests are then as fast as later ones, and a version that fails on a sample never becomes ready. The time
   * counts as loading.
   *
   * @default true
   */
  readonly warmUp?: boolean;

  /**
   * Largest request body; a larger one is answered with 413.
   *
   * @default Size.mebibytes(10)
   */
  readonly maxRequestSize?: Size;

  /**
   * Deepest nesting of arrays and objects in a request body; a deeper one is refused before it is parsed.
   *
   * @default 100
   */
  readonly maxJsonDepth?: number;

  /**
   * Which pages of other origins may call the API from a browser.
   *
   * Where the load balancer authenticates (`Auth.jwt`, `Access.custom`), it lets through what browsers ask before a call,
   * without a token, by a rule of its own: the gateway answers that, never the handler. The rule's priority is the number
   * below the API's. What the load balancer refuses itself, such as by 401, pages cannot read.
   *
   * @default - none: browsers keep pages of other origins away
   */
  readonly cors?: CorsOptions;

  /**
   * Python processes a replica runs. Each loads the handler, so memory grows with it.
   *
   * @default 1
   */
  readonly workers?: number;

  /**
   * Whether a replica runs a worker for each vCPU of `compute` but one, and at least one: the gateway has the one that is
   * left out. On GPUs it is a worker for each GPU of the replica. In place of `workers`, and counted at synth as that is.
   *
   * @default false
   */
  readonly autoWorkers?: boolean;

  /**
   * Requests that one worker runs at a time. The scaling target counts them.
   *
   * What an `async def` handler can do is not known before it runs: its scaling target counts 1 a worker unless this
   * (or the handler's own option) is set. A `predict_batch` handler runs one batch at a time, whatever this says, and its
   * target counts the `batching.maxBatchSize` of the handler unless this is set: to less where a call of half a batch
   * takes longer than a caller should wait.
   *
   * @default - what the handler says, else 1, or 100 for an `async def` handler
   */
  readonly concurrency?: number;

  /**
   * Requests that may wait in a replica; further ones are answered with 503 at once.
   *
   * A `predict_batch` handler takes its batches from them: give no fewer than its `maxBatchSize`.
   *
   * @default 100
   */
  readonly queueRequests?: number;

  /**
   * Size of all request bodies that may wait in a replica.
   *
   * @default Size.mebibytes(64)
   */
  readonly queueSize?: Size;

  /**
   * A worker is replaced after so many requests. For handlers that leak: its successor loads beside it and then takes its
   * place, so that nobody waits, and memory is needed for both.
   *
   * @default - never
   */
  readonly recycleAfterRequests?: number;

  /**
   * A worker that has more resident memory than this is replaced, as by `recycleAfterRequests`: before the kernel kills
   * it with all that it runs. Each worker is looked at by itself, once in a few requests.
   *
   * @default - never
   */
  readonly recycleAboveMemory?: Size;
}
