/** What a model's image is built on: how a choice of it reaches the build, and what of it is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { BaseImage, type DirectoryHandlerOptions, ModelHandler } from 'cdk-model-api';
import { describe, expect, test } from 'vitest';
import { modelFolder, synthesize, temporaryFolder } from './image/model-folder';

function imageOf(folder: string, options: DirectoryHandlerOptions = {}) {
  const { images } = synthesize([ModelHandler.fromDirectory(folder, options)]);
  const [[hash, { folder: staged, buildArgs }]] = Object.entries(images) as [[string, (typeof images)[string]]];
  const textOf = (file: string) => readFileSync(join(staged, file), 'utf8');
  return { hash, buildArgs, dockerfile: textOf('Dockerfile'), manifest: textOf('serving.json') };
}

const builtOn = (baseImage: BaseImage) => imageOf(modelFolder(), { baseImage });

/** Binds a handler with these options for replicas with so many GPUs. */
function bound(options: DirectoryHandlerOptions, gpus?: number): Stack {
  const stack = new Stack(new App({ outdir: temporaryFolder() }), 'Models');
  ModelHandler.fromDirectory(modelFolder(), options)._bind(stack, { platform: Platform.LINUX_AMD64, gpus });
  return stack;
}

describe('an image with CUDA', () => {
  test('is one of NVIDIA, with CUDA 12.8 on Ubuntu 24.04 unless another is named', () => {
    expect(builtOn(BaseImage.cuda()).buildArgs).toEqual({
      PYTHON_VERSION: '3.12',
      PYTHON_IMAGE: 'nvcr.io/nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04',
    });
    const { buildArgs } = builtOn(BaseImage.cuda({ version: '12.6.3', ubuntu: '22.04' }));
    expect(buildArgs.PYTHON_IMAGE).toBe('nvcr.io/nvidia/cuda:12.6.3-cudnn-runtime-ubuntu22.04');
  });

  test('can be any other, whose packages the model sees when asked to', () => {
    const image = 'nvcr.io/nvidia/pytorch:25.06-py3';
    expect(builtOn(BaseImage.fromCudaImage(image)).buildArgs).toEqual({ PYTHON_VERSION: '3.12', PYTHON_IMAGE: image });
    const { buildArgs } = builtOn(BaseImage.fromCudaImage(image, { systemSitePackages: true }));
    expect(buildArgs.VENV_OPTIONS).toBe('--system-site-packages');
  });

  test('has another Dockerfile up to the Python and the same one from there, and the same manifest', () => {
    const folder = modelFolder();
    const plain = imageOf(folder);
    const cuda = imageOf(folder, { baseImage: BaseImage.cuda() });
    expect(cuda.hash).not.toBe(plain.hash);
    expect(cuda.manifest).toBe(plain.manifest);
    const [start, rest] = plain.dockerfile.split(/^FROM \$\{PYTHON_IMAGE\} AS interpreter\n/m) as [string, string];
    expect(cuda.dockerfile.startsWith(start)).toBe(true);
    expect(cuda.dockerfile.endsWith(rest)).toBe(true);
    expect(cuda.dockerfile).toContain('NVIDIA_VISIBLE_DEVICES=all');
    expect(plain.dockerfile).not.toContain('NVIDIA');
  });

  test('on replicas without a GPU is warned of', () => {
    const warnings = (gpus?: number) =>
      Annotations.fromStack(bound({ baseImage: BaseImage.cuda() }, gpus)).findWarning('*', Match.anyValue());
    expect(warnings(0)).toHaveLength(1);
    expect(String(warnings(0)[0]?.entry.data)).toContain('[ack: cdk-model-api:cuda-without-gpu]');
    expect([warnings(1), warnings()]).toEqual([[], []]);
  });
});

describe('refused is', () => {
  test.each([
    ['half a version', BaseImage.cuda({ version: '12.8' }), 'baseImage has CUDA "12.8": give all three parts'],
    [
      'the name of an Ubuntu',
      BaseImage.cuda({ ubuntu: 'noble' }),
      'baseImage has Ubuntu "noble": give 22.04 or 24.04; for another one, an image by BaseImage.fromCudaImage',
    ],
    ['an old Ubuntu', BaseImage.cuda({ ubuntu: '20.04' }), 'baseImage has Ubuntu "20.04": give 22.04 or 24.04'],
    ['no name', BaseImage.fromCudaImage(''), 'baseImage is "", which is not the name of an image'],
    ['two names', BaseImage.fromCudaImage('one two'), 'baseImage is "one two", which is not the name of an image'],
    [
      'what is known at deployment only',
      BaseImage.fromCudaImage(Lazy.string({ produce: () => 'registry.example/cuda' })),
      'baseImage is known at deployment only, and the image is built before',
    ],
  ])('%s', (_, baseImage, message) => {
    expect(() => bound({ baseImage })).toThrow(message);
  });

  test('a base image beside PYTHON_IMAGE, which is one', () => {
    const options = { baseImage: BaseImage.cuda(), buildArgs: { PYTHON_IMAGE: 'registry.example/python' } };
    expect(() => bound(options)).toThrow('buildArgs.PYTHON_IMAGE and baseImage both say what the image is built on');
  });
});
