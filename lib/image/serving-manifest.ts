/**
 * Writes `serving.json`, the layer of the serving manifest that is baked into the image. It is a pure function of the
 * model directory and its handler, so that every stage of a deployment shares one image; what is known at deployment
 * only travels in the overlay instead.
 */
import { posix } from 'node:path';
import { type Duration, Token } from 'aws-cdk-lib';
import {
  type Batching,
  MANIFEST_VERSION,
  MAX_BATCH_SIZE,
  SERVING_DEFAULTS,
  type ServingManifest,
} from '../../runtime/contract/manifest';
import type { BatchingOptions } from '../batching-options';
import type { Check } from '../private/check';
import type { Findings } from './findings';

export interface ManifestOptions {
  readonly entry?: string;
  readonly concurrency?: number;
  readonly batching?: BatchingOptions;
  readonly preload?: boolean;
}

export function servingManifest(options: ManifestOptions): ServingManifest {
  const { entry = SERVING_DEFAULTS.entry, concurrency, batching, preload } = options;
  return {
    manifestVersion: MANIFEST_VERSION,
    entry: posix.normalize(entry),
    concurrency,
    batching: batching && batchingOf(batching),
    preload,
  };
}

function batchingOf({ maxBatchSize, window, latencyTarget }: BatchingOptions): Batching {
  return { maxBatchSize, windowMs: milliseconds(window), latencyTargetMs: milliseconds(latencyTarget) };
}

/** Of a token nothing: it is refused, and could not be converted. */
function milliseconds(duration?: Duration): number | undefined {
  return duration?.isUnresolved() ? undefined : duration?.toMilliseconds({ integral: false });
}

export function checkBatching(check: Check, { maxBatchSize, latencyTarget }: BatchingOptions = {}): void {
  check.integer('batching.maxBatchSize', maxBatchSize, 1, MAX_BATCH_SIZE);
  check.that(
    milliseconds(latencyTarget) !== 0,
    'batching.latencyTarget must be longer than 0, which no call can keep to: leave it out for no target',
  );
}

/** Values that end in a file cannot be tokens: the file would hold the token's name, and differ from synth to synth. */
export function refuseTokens(options: object, findings: Findings): void {
  for (const [prop, value] of Object.entries(options)) {
    if (!holdsToken(value)) continue;
    findings.error(`${prop} is known at deployment only, and the image is built before: give it a plain value here`);
  }
}

function holdsToken(value: unknown): boolean {
  if (Token.isUnresolved(value)) return true;
  return typeof value === 'object' && value !== null && Object.entries(value).flat().some(holdsToken);
}
