/**
 * Where a model's code comes from: a directory, a directory with its own Dockerfile, or an image that exists already.
 * A handler only describes; the API that it is given to defines the image and grants itself the right to pull it.
 */
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { BaseImage } from './base-image';
import type { BatchingOptions } from './batching-options';
import { ModelImage } from './image/model-image';
import type { ModelSample } from './image/samples';

/** What the code of a model directory needs to be served. All of it is baked into the image. */
export interface DirectoryHandlerOptions {
  /**
   * The Python file with `predict`, relative to the directory.
   *
   * @default 'predict.py'
   */
  readonly entry?: string;

  /**
   * Files to leave out of the image, as patterns of a `.gitignore`.
   *
   * What the directory's `.gitignore` and `.dockerignore` name, `.env*`, private keys, virtual environments, `.git`
   * and caches are always left out.
   *
   * @default - nothing more is left out
   */
  readonly exclude?: string[];

  /**
   * The minor version of Python to run on, such as `3.12`; one from 3.10 to 3.14.
   *
   * @default - what the directory's `.python-version` says, else 3.12
   */
  readonly pythonVersion?: string;

  /**
   * Requests that one worker runs at a time, unless the API says otherwise.
   *
   * @default - 1, or 100 when `predict` is an `async def`
   */
  readonly concurrency?: number;

  /**
   * How requests are joined for `predict_batch`. Give it for every handler that has one, if only as `{}`: synthesis does
   * not look into the code, and the scaling target then counts a whole batch a worker instead of one request.
   *
   * @default - `predict_batch` gets up to 64 rows a call, and the scaling target counts one request a worker
   */
  readonly batching?: BatchingOptions;

  /**
   * Whether the handler is loaded once and each worker forked from it: workers start at once and share what they do not
   * change of the memory. For handlers that hold no threads, GPU or open connections after loading.
   *
   * @default false
   */
  readonly preload?: boolean;

  /**
   * What the image is built on: one with CUDA, for models whose packages do not bring it. The image gets the model's Python.
   *
   * @default - a Python image without CUDA
   */
  readonly baseImage?: BaseImage;

  /**
   * Build arguments for the image. `PYTHON_IMAGE` and `NODE_IMAGE` choose the base images.
   *
   * @default - the base images of the Dockerfile
   */
  readonly buildArgs?: { readonly [name: string]: string };
}

/** How a model directory with a Dockerfile of its own is built. */
export interface DockerfileHandlerOptions extends DirectoryHandlerOptions {
  /**
   * The Dockerfile, relative to the directory. It starts with `FROM model-api` and continues the image from there.
   *
   * @default 'Dockerfile'
   */
  readonly file?: string;
}

/**
 * What an API tells its handler when it binds it.
 *
 * @internal
 */
export interface HandlerBindOptions {
  /** The platform of the machines that will run the image. */
  readonly platform: Platform;
  /** GPUs of a replica, as far as that is known. */
  readonly gpus?: number;
}

/**
 * What a handler answers: the image, and what is known of the code inside it without running it.
 *
 * @internal
 */
export interface HandlerBinding {
  readonly image: ContainerImage;
  /** The directory's `samples/*.json`, sorted by name; empty for an image that was built elsewhere. */
  readonly samples: readonly ModelSample[];
  /** Requests a worker runs at a time, when the handler was told; the API's own choice goes before it. */
  readonly concurrency?: number;
  /** How it batches, when it was told to. */
  readonly batching?: BatchingOptions;
}

/** The code that answers predictions, and how its image comes to be. */
export abstract class ModelHandler {
  /**
   * A directory with `predict.py` and its dependencies. Needs neither Docker nor Python until the image is built.
   *
   * @param path the directory, relative to the working directory of the CDK app
   * @param options what to leave out, which Python
   */
  public static fromDirectory(path: string, options: DirectoryHandlerOptions = {}): ModelHandler {
    return new DirectoryHandler(path, options);
  }

  /**
   * A directory whose own Dockerfile continues the image: it starts with `FROM model-api`.
   *
   * The directory's files are in the image by then, in `/opt/model`; `COPY` finds them in `handler/`. What needs root
   * stands between `USER root` and `USER 10001:10001`.
   *
   * @param directory the directory, relative to the working directory of the CDK app
   * @param options which file, and the options of a plain directory
   */
  public static fromDockerfile(directory: string, options: DockerfileHandlerOptions = {}): ModelHandler {
    return new DirectoryHandler(directory, options, options.file ?? 'Dockerfile');
  }

  /**
   * An image in an ECR repository, built from a model directory before.
   *
   * @param repository where the image lies
   * @param tagOrDigest the tag, or the digest with its `sha256:`
   */
  public static fromEcr(repository: IRepository, tagOrDigest: string): ModelHandler {
    return new ImageHandler(ContainerImage.fromEcrRepository(repository, tagOrDigest));
  }

  /**
   * Any container image that was built from a model directory before.
   *
   * @param image the image, as Amazon ECS knows it
   */
  public static fromImage(image: ContainerImage): ModelHandler {
    return new ImageHandler(image);
  }

  /** @internal */
  public abstract _bind(scope: Construct, options: HandlerBindOptions): HandlerBinding;
}

class DirectoryHandler extends ModelHandler {
  constructor(
    private readonly path: string,
    private readonly options: DirectoryHandlerOptions,
    private readonly dockerfile?: string,
  ) {
    super();
  }

  public _bind(scope: Construct, { platform, gpus }: HandlerBindOptions): HandlerBinding {
    const { path, dockerfile, options } = this;
    const { image, samples } = new ModelImage(scope, 'Image', { ...options, path, dockerfile, platform, gpus });
    return { image, samples, concurrency: options.concurrency, batching: options.batching };
  }
}

class ImageHandler extends ModelHandler {
  constructor(private readonly image: ContainerImage) {
    super();
  }

  public _bind(): HandlerBinding {
    return { image: this.image, samples: [] };
  }
}
