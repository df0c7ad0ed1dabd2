/**
 * The image of a model directory as an image asset: staged at synthesis, built by `cdk deploy`. Two of them over one
 * directory share one asset. Neither Docker nor Python is needed to synthesize.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Annotations, IgnoreMode } from 'aws-cdk-lib';
import { DockerImageAsset, type Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { DISABLE_ASSET_STAGING_CONTEXT } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import type { BatchingOptions } from '../batching-options';
import { Check } from '../private/check';
import { type BaseImageOptions, buildArgsOf, readBaseImage } from './build-args';
import { type BuildContext, writeBuildContext } from './build-context';
import { composeDockerfile, ourDockerfile } from './dockerfile';
import { Findings } from './findings';
import { readModelDirectory } from './model-directory';
import type { ModelSample } from './samples';
import { checkBatching, refuseTokens, servingManifest } from './serving-manifest';

/** Set by `Testing.stubImages`: images are not staged and the template does not hold their hashes. */
export const STUB_IMAGES_CONTEXT = 'cdk-model-api:stub-images';

/** What a template names instead of an image when images are stubbed. */
export const STUB_IMAGE = 'cdk-model-api/stubbed-image:latest';

export interface ModelImageProps extends BaseImageOptions {
  readonly path: string;
  readonly platform: Platform;
  /** The user's Dockerfile, when the directory has one. */
  readonly dockerfile?: string;
  readonly entry?: string;
  readonly exclude?: readonly string[];
  readonly pythonVersion?: string;
  readonly concurrency?: number;
  readonly batching?: BatchingOptions;
  readonly preload?: boolean;
}

/** A context, and how it is built. */
interface Prepared extends BuildContext {
  readonly buildArgs: { readonly [name: string]: string };
}

export class ModelImage extends Construct {
  readonly image: ContainerImage;
  readonly samples: readonly ModelSample[];

  constructor(scope: Construct, id: string, props: ModelImageProps) {
    super(scope, id);
    const context = this.read(props);
    this.samples = context.directory.samples;
    this.image = this.node.tryGetContext(STUB_IMAGES_CONTEXT)
      ? ContainerImage.fromRegistry(STUB_IMAGE)
      : ContainerImage.fromDockerImageAsset(this.stage(context, props));
  }

  /** Throws everything that is wrong with the directory at once. */
  private read(props: ModelImageProps): Prepared {
    const findings = new Findings();
    refuseTokens(props, findings);
    const manifest = servingManifest(props);
    const directory = readModelDirectory(props.path, { ...props, entry: manifest.entry }, findings);
    const base = readBaseImage(props, findings);
    const dockerfile = composeDockerfile(ourDockerfile(base !== undefined), props.path, props.dockerfile, findings);
    for (const { id, message } of findings.warnings) Annotations.of(this).addWarningV2(id, message);
    const check = new Check(this);
    check.integer('concurrency', props.concurrency, 1);
    checkBatching(check, props.batching);
    for (const error of findings.errors) check.that(false, error);
    check.done();
    const buildArgs = buildArgsOf(directory.pythonVersion, base, props.buildArgs);
    return { directory, manifest, dockerfile, buildArgs };
  }

  /** The CDK copies the context into its assembly, so ours lives as long as this call only. */
  private stage(context: Prepared, props: ModelImageProps): DockerImageAsset {
    const folder = mkdtempSync(join(tmpdir(), 'model-api-image-'));
    try {
      writeBuildContext(folder, context);
      return this.asset(folder, context, props);
    } finally {
      // Asked not to copy, the CDK refers to the context where it is.
      if (!this.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT)) rmSync(folder, { recursive: true, force: true });
    }
  }

  private asset(folder: string, { buildArgs }: Prepared, { platform }: ModelImageProps): DockerImageAsset {
    return new DockerImageAsset(this, 'Asset', {
      directory: folder,
      platform,
      buildArgs,
      // The default depends on a feature flag of the app, and the hash must not.
      ignoreMode: IgnoreMode.DOCKER,
    });
  }
}
