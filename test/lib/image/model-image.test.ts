/** The image of a model directory as an asset: when two share one, what is staged, what is refused. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { STUB_IMAGES_CONTEXT } from '../../../lib/image/model-image';
import { ModelHandler } from '../../../lib/model-handler';
import { listing, modelFolder, PREDICT, type Synthesized, synthesize, temporaryFolder } from './model-folder';

function onlyImage({ images }: Synthesized) {
  const entries = Object.entries(images);
  expect(entries).toHaveLength(1);
  return { hash: entries[0][0], ...entries[0][1] };
}

function imageOf(folder: string, options = {}) {
  return onlyImage(synthesize([ModelHandler.fromDirectory(folder, options)]));
}

describe('the asset', () => {
  test('two handlers over one directory share one asset', () => {
    const folder = modelFolder();
    const { images } = synthesize([ModelHandler.fromDirectory(folder), ModelHandler.fromDirectory(folder)]);
    expect(Object.keys(images)).toHaveLength(1);
  });

  test('two handlers share one asset while they batch alike, in whatever units that is said', () => {
    const folder = modelFolder();
    const imagesOf = (...windows: Duration[]) =>
      Object.keys(
        synthesize(windows.map((window) => ModelHandler.fromDirectory(folder, { batching: { window } }))).images,
      );
    expect(imagesOf(Duration.seconds(1), Duration.millis(1000))).toHaveLength(1);
    expect(imagesOf(Duration.seconds(1), Duration.millis(999))).toHaveLength(2);
  });

  test('a copy of the directory elsewhere has the same hash', () => {
    const folder = modelFolder({ ...PREDICT, 'weights/a.bin': 'a', 'weights/b.bin': 'b' });
    const copy = join(temporaryFolder(), 'deeper', 'copy');
    cpSync(folder, copy, { recursive: true });
    expect(imageOf(copy).hash).toBe(imageOf(folder).hash);
  });

  test('one byte of predict.py changes exactly its own asset', () => {
    const [edited, other] = [modelFolder(), modelFolder({ 'predict.py': 'def predict():\n    return 2\n' })];
    const handlers = () => [ModelHandler.fromDirectory(edited), ModelHandler.fromDirectory(other)];
    const before = Object.keys(synthesize(handlers()).images);
    writeFileSync(join(edited, 'predict.py'), 'def predict(x: int) -> int:\n    return y\n');
    const after = Object.keys(synthesize(handlers()).images);
    expect(after.filter((hash) => before.includes(hash))).toEqual([imageOf(other).hash]);
  });

  test('what is left out of the image does not change its hash', () => {
    const folder = modelFolder();
    const before = imageOf(folder).hash;
    writeFileSync(join(folder, '.env'), 'SECRET=1');
    expect(imageOf(folder).hash).toBe(before);
  });

  test('the platform and the Python of the directory reach the build', () => {
    const { platform, buildArgs } = imageOf(modelFolder({ ...PREDICT, '.python-version': '3.11\n' }));
    expect({ platform, buildArgs }).toEqual({ platform: 'linux/amd64', buildArgs: { PYTHON_VERSION: '3.11' } });
  });

  test('build arguments of the user go before ours', () => {
    const { buildArgs } = imageOf(modelFolder(), {
      buildArgs: { PYTHON_IMAGE: 'registry/python', PYTHON_VERSION: '3.13' },
    });
    expect(buildArgs).toEqual({ PYTHON_IMAGE: 'registry/python', PYTHON_VERSION: '3.13' });
  });
});

describe('staging', () => {
  test('the context holds the runtime, the manifest, the dependencies and the directory, readable by all', () => {
    const { folder } = imageOf(modelFolder({ ...PREDICT, 'requirements.txt': 'six==1.17.0\n', 'data/w.json': '{}' }));
    expect(listing(folder)).toEqual(
      expect.arrayContaining([
        '644 Dockerfile',
        '644 dependencies/packages.txt',
        '644 dependencies/requirements.txt',
        '644 gateway/main.mjs',
        '644 handler/data/w.json',
        '644 handler/predict.py',
        '644 serving.json',
        '644 worker/__main__.py',
      ]),
    );
  });

  test('serving.json says what belongs to the code and nothing else', () => {
    const folder = modelFolder({ 'serve.py': 'def predict():\n    return 1\n' });
    const { folder: staged } = imageOf(folder, { entry: 'serve.py', concurrency: 4 });
    const manifest = JSON.parse(readFileSync(join(staged, 'serving.json'), 'utf8'));
    expect(manifest).toEqual({ manifestVersion: 1, entry: 'serve.py', concurrency: 4 });
  });

  test('serving.json says how to batch, in the numbers of the runtime', () => {
    const batching = { maxBatchSize: 16, window: Duration.millis(0.5), latencyTarget: Duration.seconds(1) };
    const { folder: staged } = imageOf(modelFolder(), { batching, preload: true });
    const { batching: batches, preload } = JSON.parse(readFileSync(join(staged, 'serving.json'), 'utf8'));
    expect({ batches, preload }).toEqual({
      batches: { maxBatchSize: 16, windowMs: 0.5, latencyTargetMs: 1000 },
      preload: true,
    });
  });

  test('files are readable whatever the umask was, and scripts stay executable', () => {
    const folder = modelFolder({ ...PREDICT, 'tool.sh': '#!/bin/sh\n' });
    execFileSync('chmod', ['600', join(folder, 'predict.py')]);
    execFileSync('chmod', ['700', join(folder, 'tool.sh')]);
    const modes = listing(imageOf(folder).folder);
    expect(modes).toEqual(expect.arrayContaining(['644 handler/predict.py', '755 handler/tool.sh']));
  });

  test('nothing stays in the temporary folder', () => {
    const temporary = temporaryFolder();
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    imageOf(modelFolder());
    expect(readdirSync(temporary).filter((name) => name.startsWith('model-api-image-'))).toEqual([]);
  });

  test('with asset staging disabled the context stays where the template says', () => {
    const { images } = synthesize([ModelHandler.fromDirectory(modelFolder())], {
      'aws:cdk:disable-asset-staging': true,
    });
    const [{ folder }] = Object.values(images);
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(existsSync(join(folder, 'Dockerfile'))).toBe(true);
  });

  test('a stubbed image stages nothing', () => {
    const { images } = synthesize([ModelHandler.fromDirectory(modelFolder())], { [STUB_IMAGES_CONTEXT]: true });
    expect(images).toEqual({});
  });

  test('synthesis runs without Python and without Docker', () => {
    vi.stubEnv('PATH', temporaryFolder());
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(imageOf(modelFolder()).hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('errors', () => {
  const bind = (handler: ModelHandler) => () => {
    const stack = new Stack(new App({ outdir: temporaryFolder() }), 'Models');
    handler._bind(stack, { platform: Platform.LINUX_AMD64 });
  };

  test('a directory that is not there is named in full, with the construct', () => {
    const missing = join(temporaryFolder(), 'nowhere');
    expect(bind(ModelHandler.fromDirectory(missing))).toThrow(
      `[Models/Image] there is no model directory at ${missing}: `,
    );
  });

  test('a file in place of the directory is said to be one, and where its directory is', () => {
    const folder = modelFolder();
    const file = join(folder, 'predict.py');
    expect(bind(ModelHandler.fromDirectory(file))).toThrow(
      `[Models/Image] ${file} is a file, not a model directory: give the directory that it is in, ${folder}`,
    );
  });

  test('a missing entry names the directory and the fix', () => {
    const folder = modelFolder({ 'main.py': '' });
    expect(bind(ModelHandler.fromDirectory(folder))).toThrow(
      `there is no predict.py in ${folder}: add it with a predict(), or name another file with \`entry\``,
    );
  });

  test('an entry that the rules leave out says so', () => {
    const folder = modelFolder({ ...PREDICT, '.dockerignore': 'predict.py\n' });
    expect(bind(ModelHandler.fromDirectory(folder))).toThrow('predict.py is left out of the image');
  });

  test('a token in what is baked names the prop', () => {
    const entry = Lazy.string({ produce: () => 'predict.py' });
    expect(bind(ModelHandler.fromDirectory(modelFolder(), { entry }))).toThrow(
      '[Models/Image] entry is known at deployment only',
    );
  });

  test.each([
    ['maxBatchSize', { maxBatchSize: Lazy.number({ produce: () => 8 }) }],
    ['window', { window: Duration.seconds(Lazy.number({ produce: () => 1 })) }],
    ['latencyTarget', { latencyTarget: Duration.seconds(Lazy.number({ produce: () => 1 })) }],
  ])('a token in batching.%s is one too', (_, batching) => {
    expect(bind(ModelHandler.fromDirectory(modelFolder(), { batching }))).toThrow(
      '[Models/Image] batching is known at deployment only, and the image is built before: give it a plain value here',
    );
  });

  test('batches that cannot be are refused', () => {
    const batching = { maxBatchSize: 0, latencyTarget: Duration.millis(0) };
    expect(bind(ModelHandler.fromDirectory(modelFolder(), { batching }))).toThrow(
      '[Models/Image] batching.maxBatchSize must be an integer from 1 to 65535 (got 0)\n' +
        '[Models/Image] batching.latencyTarget must be longer than 0, which no call can keep to: leave it out for no target',
    );
  });

  test('an entry is found however its path is written', () => {
    expect(imageOf(modelFolder(), { entry: './predict.py' }).hash).toBe(imageOf(modelFolder()).hash);
  });

  test('a concurrency that is no count names the prop', () => {
    const handler = ModelHandler.fromDirectory(modelFolder(), { concurrency: 0 });
    expect(bind(handler)).toThrow('[Models/Image] concurrency must be an integer of at least 1 (got 0)');
  });

  test('all that is wrong is told at once', () => {
    const folder = modelFolder({ '.python-version': '2.7', 'samples/a.json': '{', 'packages.txt': 'a;b\n' });
    expect(bind(ModelHandler.fromDirectory(folder))).toThrow(/2\.7.*predict\.py in.*a;b.*a\.json/s);
  });
});
