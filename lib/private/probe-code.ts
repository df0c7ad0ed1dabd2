/** The probe function's code: the shipped bundle and, beside it, the samples of the model directory. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AssetHashType } from 'aws-cdk-lib';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { DISABLE_ASSET_STAGING_CONTEXT } from 'aws-cdk-lib/cx-api';
import type { Construct } from 'constructs';
import { PROBE_SAMPLES_FILE, type ProbeSample } from '../../runtime/contract/probe';
import { STUB_IMAGES_CONTEXT } from '../image/model-image';

const BUNDLE = join(__dirname, '..', '..', 'runtime', 'dist', 'probe', 'index.mjs');

/** Hands the code to whoever defines the function from it; the CDK has copied it when that returns. */
export function withProbeCode<T>(scope: Construct, samples: readonly ProbeSample[], use: (code: AssetCode) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'model-api-probe-'));
  try {
    copyFileSync(BUNDLE, join(folder, basename(BUNDLE)));
    writeFileSync(join(folder, PROBE_SAMPLES_FILE), JSON.stringify(samples));
    return use(Code.fromAsset(folder, hashOptions(scope)));
  } finally {
    // Asked not to copy, the CDK refers to the folder where it is.
    if (!scope.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT)) rmSync(folder, { recursive: true, force: true });
  }
}

/** Stubbed, the function's code does not show in a user's snapshot any more than the image does. */
function hashOptions(scope: Construct): { assetHash?: string; assetHashType?: AssetHashType } {
  if (!scope.node.tryGetContext(STUB_IMAGES_CONTEXT)) return {};
  return { assetHash: 'cdk-model-api-stub', assetHashType: AssetHashType.CUSTOM };
}
