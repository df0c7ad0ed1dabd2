/** For each source of a handler and each option of it an edit, and what that edit may cost. */
import { Duration } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import {
  BaseImage,
  type BatchingOptions,
  type CudaOptions,
  type DirectoryHandlerOptions,
  type DockerfileHandlerOptions,
  ModelHandler,
} from '../../../lib';
import { modelFolder, PREDICT } from '../image/model-folder';
import { type Change, ofApi } from './change';

const FILES = {
  ...PREDICT,
  'other.py': 'def predict(x: str) -> str:\n    return x\n',
  Dockerfile: 'FROM model-api\n',
  'Other.Dockerfile': 'FROM model-api\nENV OTHER=1\n',
};

const fromDirectory = (options?: DirectoryHandlerOptions) => () => ({
  handler: ModelHandler.fromDirectory(modelFolder(FILES), options),
});

const fromDockerfile = (options?: DockerfileHandlerOptions) => () => ({
  handler: ModelHandler.fromDockerfile(modelFolder(FILES), options),
});

const directory = (options: DirectoryHandlerOptions) => ofApi(fromDirectory(options), fromDirectory());

const batching = (options: BatchingOptions) =>
  ofApi(fromDirectory({ batching: options }), fromDirectory({ batching: {} }));

const builtOn = (baseImage: BaseImage, before?: BaseImage) =>
  ofApi(fromDirectory({ baseImage }), fromDirectory({ baseImage: before }));

const cuda = (options: CudaOptions) => builtOn(BaseImage.cuda(options), BaseImage.cuda());

const OTHER_IMAGE = 'registry.example/cuda:1';

export const HANDLERS: Record<string, Change> = {
  'ModelHandler.fromDirectory': ofApi(fromDirectory()),
  'ModelHandler.fromDockerfile': ofApi(fromDockerfile(), fromDirectory()),
  'ModelHandler.fromEcr': ofApi((stack) => ({
    handler: ModelHandler.fromEcr(Repository.fromRepositoryName(stack, 'Repository', 'models'), '2'),
  })),
  'ModelHandler.fromImage': ofApi(() => ({
    handler: ModelHandler.fromImage(ContainerImage.fromRegistry('registry.example/model:2')),
  })),
  'BaseImage.cuda': builtOn(BaseImage.cuda()),
  'BaseImage.fromCudaImage': builtOn(BaseImage.fromCudaImage(OTHER_IMAGE)),
  'BatchingOptions.latencyTarget': batching({ latencyTarget: Duration.millis(50) }),
  'BatchingOptions.maxBatchSize': batching({ maxBatchSize: 16 }),
  'BatchingOptions.window': batching({ window: Duration.millis(2) }),
  'CudaImageOptions.systemSitePackages': builtOn(
    BaseImage.fromCudaImage(OTHER_IMAGE, { systemSitePackages: true }),
    BaseImage.fromCudaImage(OTHER_IMAGE),
  ),
  'CudaOptions.ubuntu': cuda({ ubuntu: '22.04' }),
  'CudaOptions.version': cuda({ version: '12.6.3' }),
  'DirectoryHandlerOptions.baseImage': directory({ baseImage: BaseImage.cuda() }),
  'DirectoryHandlerOptions.batching': directory({ batching: {} }),
  'DirectoryHandlerOptions.buildArgs': directory({ buildArgs: { PYTHON_IMAGE: 'registry.example/python' } }),
  'DirectoryHandlerOptions.concurrency': directory({ concurrency: 2 }),
  'DirectoryHandlerOptions.entry': directory({ entry: 'other.py' }),
  'DirectoryHandlerOptions.exclude': directory({ exclude: ['other.py'] }),
  'DirectoryHandlerOptions.preload': directory({ preload: true }),
  'DirectoryHandlerOptions.pythonVersion': directory({ pythonVersion: '3.13' }),
  'DockerfileHandlerOptions.file': ofApi(fromDockerfile({ file: 'Other.Dockerfile' }), fromDockerfile()),
};
