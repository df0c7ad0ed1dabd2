/** How requests of a handler with `predict_batch` become calls of it. Baked into the image: it belongs to the code. */
import type { Duration } from 'aws-cdk-lib';

/** How requests of a `predict_batch` handler are joined. */
export interface BatchingOptions {
  /**
   * Most rows of one call of `predict_batch`; a request is one row, unless its protocol lets it bring several.
   *
   * What waits becomes a batch, so `queueRequests` of the API should be no less. The scaling target counts this many
   * requests a worker.
   *
   * @default 64
   */
  readonly maxBatchSize?: number;

  /**
   * How long an idle worker waits for a batch to fill; 0 never waits. For models whose calls are so dear that a request better waits for
   * others, even when none may come.
   *
   * @default - at most a quarter of what a call takes and never more than 5 ms, and only while more are about to come
   */
  readonly window?: Duration;

  /**
   * Batches are made smaller when one call takes longer than this, and larger again when it does not. It is time in the
   * model, not in the queue.
   *
   * How small they become is not known before they run: with it, give the API's `concurrency` too, as the rows of a batch
   * that keeps to it, or replicas are added late.
   *
   * @default - no target: batches grow to `maxBatchSize`
   */
  readonly latencyTarget?: Duration;
}
