/**
 * Writes `serving.json`, the layer of the serving manifest that is baked into the image. It is a pure function of the
 * model directory and its handler, so that every stage of a deployment shares one image; what is known at deployment
 * only travels in the overlay instead.
 */
import { posix } from 'node:path';
import { Token } from 'aws-cdk-lib';
import { MANIFEST_VERSION, SERVING_DEFAULTS, type ServingManifest } from '../../runtime/contract/manifest';
import type { Findings } from './findings';

export interface ManifestOptions {
  readonly entry?: string;
  readonly concurrency?: number;
}

export function servingManifest(options: ManifestOptions): ServingManifest {
  const { entry = SERVING_DEFAULTS.entry, concurrency } = options;
  return { manifestVersion: MANIFEST_VERSION, entry: posix.normalize(entry), concurrency };
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
