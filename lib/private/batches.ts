/** What a handler's batches mean for the API that serves it: how much a worker holds, and what they ask of the queue. */
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import type { Timing } from '../../runtime/contract/timing';
import type { BatchingOptions } from '../batching-options';
import type { HandlerBinding } from '../model-handler';
import type { ServingOptions } from '../serving-options';
import { Check, isKnown } from './check';

/**
 * Requests that a worker runs when it has its fill: of these the scaling target is a share. A full batch is one fill,
 * though it is one call.
 */
export function heldByWorker({ concurrency }: ServingOptions, code: Omit<HandlerBinding, 'image' | 'samples'>): number {
  return concurrency ?? code.concurrency ?? batchSizeOf(code.batching) ?? 1;
}

/** Undefined where the handler was not told to batch. */
function batchSizeOf(batching?: BatchingOptions): number | undefined {
  return batching && (batching.maxBatchSize ?? SERVING_DEFAULTS.batching.maxBatchSize);
}

export function checkBatches(
  api: Construct,
  batching: BatchingOptions | undefined,
  queueRequests: number = SERVING_DEFAULTS.queueRequests,
  { requestTimeout }: Pick<Timing, 'requestTimeout'>,
): void {
  const windowMs = batching?.window?.toMilliseconds({ integral: false }) ?? 0;
  const check = new Check(api);
  check.that(
    windowMs < requestTimeout * 1000,
    `batching.window (${windowMs} ms) must be shorter than requestTimeout (${requestTimeout} s), or a request that waits for others is never answered`,
  );
  check.done();
  warnOfShortQueue(api, batchSizeOf(batching), queueRequests);
}

function warnOfShortQueue(api: Construct, batchSize: number | undefined, queueRequests: number): void {
  if (batchSize === undefined || !isKnown(queueRequests) || batchSize <= queueRequests) return;
  Annotations.of(api).addWarningV2(
    'cdk-model-api:batchLargerThanQueue',
    `batching.maxBatchSize of the handler is ${batchSize}, and a batch is made of what waits, which queueRequests keeps to ${queueRequests}: no batch has more requests, and the scaling target counts on ${batchSize}. Give queueRequests of ${batchSize} or more, or a lower maxBatchSize`,
  );
}
