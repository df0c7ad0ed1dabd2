/**
 * A model whose image is built on another than Python's. The base image of these tests has neither CUDA nor a Python, and
 * their machine no GPU: what is shown is that the Python comes, and that the rest is as on Python's own image.
 */
import { BaseImage, ModelHandler } from 'cdk-model-api';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { ensureBaseImages } from '../setup/base-images';
import { describeWith } from '../setup/needs';
import { type Declared, declare } from './declared';
import { docker } from './docker';
import { modelWith } from './model-copy';
import { Replica } from './replica';

const BUILD_TIMEOUT_MS = 300_000;

/** Python's own image, which stands for one with a Python and packages of its own. */
const WITH_PYTHON = 'public.ecr.aws/docker/library/python:3.11-slim-bookworm';

function builtOn(baseImage: BaseImage, files: Record<string, string> = {}, pythonVersion?: string): Declared {
  return declare(ModelHandler.fromDirectory(modelWith(files), { baseImage, pythonVersion }));
}

const run = (image: string, ...command: string[]) => docker('run', '--rm', '--read-only', image, ...command);

describeWith(['docker'], 'an image with CUDA', () => {
  beforeAll(() => ensureBaseImages('cuda'), BUILD_TIMEOUT_MS);

  test(
    'gets the Python of the model and its dependencies, and predicts as any other, with the same user',
    async () => {
      const declared = builtOn(BaseImage.cuda(), { 'requirements.txt': 'six==1.17.0\n', 'packages.txt': 'libgomp1\n' });
      const replica = await Replica.run(declared);
      onTestFinished(() => replica.task.remove());
      expect(await replica.predict({ do: 'identify' })).toMatchObject({
        ...{ user: 10001, group: 10001, python: expect.stringMatching(/^3\.11\./) },
      });
      expect(await replica.predict({ do: 'write', path: '/opt/model/x' })).toBe('Read-only file system');
      expect(replica.task.exec('python', '-c', 'import six; print(six.__version__)')).toBe('1.17.0');
      expect(replica.task.exec('cat', '/opt/python/source')).toMatch(/^(distribution|standalone)$/);
      expect(replica.task.exec('sh', '-c', 'echo $NVIDIA_VISIBLE_DEVICES $NVIDIA_DRIVER_CAPABILITIES')).toBe(
        'all compute,utility',
      );
    },
    BUILD_TIMEOUT_MS,
  );

  test(
    'keeps the Python that it has when that is the one, and shows its packages only when asked to',
    () => {
      const sees = 'import importlib.util as u; print(u.find_spec("pip") is not None)';
      const { image } = builtOn(BaseImage.fromCudaImage(WITH_PYTHON));
      expect(run(image, 'cat', '/opt/python/source')).toBe('base-image');
      expect(run(image, 'python', '-c', sees)).toBe('False');
      const shown = builtOn(BaseImage.fromCudaImage(WITH_PYTHON, { systemSitePackages: true }));
      expect(run(shown.image, 'python', '-c', sees)).toBe('True');
    },
    BUILD_TIMEOUT_MS,
  );

  test(
    'cannot show packages to another Python than its own, and says so',
    () => {
      const baseImage = BaseImage.fromCudaImage(WITH_PYTHON, { systemSitePackages: true });
      expect(() => builtOn(baseImage, {}, '3.12')).toThrow(
        'The base image has no Python 3.12 with pip, and no other sees its packages: give its version as pythonVersion.',
      );
    },
    BUILD_TIMEOUT_MS,
  );
});
