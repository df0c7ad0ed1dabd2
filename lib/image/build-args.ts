/** The image that a model's image is built on, when that was chosen, and what the build is told of it. */
import type { BaseImage, BaseImageBinding } from '../base-image';
import type { Findings } from './findings';

type BuildArgs = { readonly [name: string]: string };

export interface BaseImageOptions {
  readonly baseImage?: BaseImage;
  readonly buildArgs?: BuildArgs;
  /** GPUs of a replica, as far as that is known. */
  readonly gpus?: number;
}

export function readBaseImage(options: BaseImageOptions, findings: Findings): BaseImageBinding | undefined {
  const { baseImage, buildArgs = {}, gpus } = options;
  if (baseImage === undefined) return undefined;
  if ('PYTHON_IMAGE' in buildArgs)
    findings.error(
      'buildArgs.PYTHON_IMAGE and baseImage both say what the image is built on: leave out one of the two',
    );
  if (gpus === 0) {
    findings.warning(
      'cuda-without-gpu',
      'baseImage has CUDA, and the replicas have no GPU: they pull gigabytes for nothing. Use a compute with GPUs, or leave baseImage out',
    );
  }
  return baseImage._bind(findings);
}

/** The user's own go before ours. */
export function buildArgsOf(pythonVersion: string, base?: BaseImageBinding, own: BuildArgs = {}): BuildArgs {
  return {
    PYTHON_VERSION: pythonVersion,
    ...(base && { PYTHON_IMAGE: base.image }),
    ...(base?.systemSitePackages && { VENV_OPTIONS: '--system-site-packages' }),
    ...own,
  };
}
