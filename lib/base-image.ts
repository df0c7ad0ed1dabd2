/**
 * What a model's image is built on where a plain Python is not enough: an image with CUDA, NVIDIA's or another. It only
 * describes; the image that is built on it brings the Python that the model wants.
 */
import type { Findings } from './image/findings';

/** Which of NVIDIA's images. */
export interface CudaOptions {
  /**
   * The version of CUDA, in three parts. The driver of the machines has to know it, or one of the same major version.
   *
   * @default '12.8.1'
   */
  readonly version?: string;

  /**
   * The version of Ubuntu: 22.04 or 24.04.
   *
   * @default '24.04'
   */
  readonly ubuntu?: string;
}

/** What another image with CUDA brings. */
export interface CudaImageOptions {
  /**
   * Whether the model sees the Python packages that the image brings, such as its PyTorch. The model's Python then has to be
   * the image's: say it by `pythonVersion` or `.python-version`.
   *
   * @default false
   */
  readonly systemSitePackages?: boolean;
}

/**
 * What a base image answers.
 *
 * @internal
 */
export interface BaseImageBinding {
  /** Its full name, with tag or digest. */
  readonly image: string;
  readonly systemSitePackages: boolean;
}

/** The image that a model's image is built on. */
export abstract class BaseImage {
  /**
   * NVIDIA's image with CUDA and cuDNN, from NVIDIA's registry.
   *
   * Not needed for packages that bring CUDA themselves, as those of PyTorch, TensorFlow and JAX on PyPI do.
   *
   * @param options which versions
   */
  public static cuda(options: CudaOptions = {}): BaseImage {
    return new NvidiaImage(options);
  }

  /**
   * Another image with CUDA: of Ubuntu or Debian, or one that has the Python which the model wants, with pip.
   *
   * @param image its full name, with tag or digest
   * @param options what it brings
   */
  public static fromCudaImage(image: string, options: CudaImageOptions = {}): BaseImage {
    return new GivenImage(image, options);
  }

  /** @internal */
  public abstract _bind(findings: Findings): BaseImageBinding;
}

/** Those on which the Dockerfile is known to find Python and packages. */
const UBUNTUS: readonly string[] = ['22.04', '24.04'];

class NvidiaImage extends BaseImage {
  constructor(private readonly options: CudaOptions) {
    super();
  }

  public _bind(findings: Findings): BaseImageBinding {
    const { version = '12.8.1', ubuntu = '24.04' } = this.options;
    if (!/^\d+\.\d+\.\d+$/.test(version))
      findings.error(`baseImage has CUDA ${JSON.stringify(version)}: give all three parts, such as 12.8.1`);
    if (!UBUNTUS.includes(ubuntu)) {
      findings.error(
        `baseImage has Ubuntu ${JSON.stringify(ubuntu)}: give ${UBUNTUS.join(' or ')}; for another one, an image by BaseImage.fromCudaImage`,
      );
    }
    const image = `nvcr.io/nvidia/cuda:${version}-cudnn-runtime-ubuntu${ubuntu}`;
    return { image, systemSitePackages: false };
  }
}

class GivenImage extends BaseImage {
  constructor(
    private readonly image: string,
    private readonly options: CudaImageOptions,
  ) {
    super();
  }

  public _bind(findings: Findings): BaseImageBinding {
    const { image, options } = this;
    if (!/^[^\s@:]\S*$/.test(image))
      findings.error(`baseImage is ${JSON.stringify(image)}, which is not the name of an image`);
    return { image, systemSitePackages: options.systemSitePackages ?? false };
  }
}
