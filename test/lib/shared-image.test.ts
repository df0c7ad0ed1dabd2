/** One directory is one image, for every API and every stage; and a changed byte is a changed image. */
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';
import { ModelHandler, ModelPlatform } from '../../lib';
import { testApp } from './assembly';
import { apiIn, stackIn } from './declaration';

const ECHO = join(__dirname, '../fixtures/handlers/echo');

function modelDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), 'shared-image-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(ECHO, folder, { recursive: true });
  return folder;
}

/** The hashes of the app's images, and of its files (the probe's code), when these directories are served. */
function assetsOf(directories: readonly string[]): { images: string[]; files: string[] } {
  const app = testApp();
  const stack = stackIn(app);
  const platform = new ModelPlatform(stack, 'Platform');
  directories.forEach((directory, index) => {
    const handler = ModelHandler.fromDirectory(directory);
    apiIn(stack, { platform, handler, path: `/${index}`, config: { index } }, `Api${index}`);
  });
  const [manifest] = app.synth().artifacts.filter((artifact) => artifact.id === 'Stack.assets');
  const { dockerImages, files } = (manifest as unknown as { contents: Record<string, object> }).contents;
  const code = Object.keys(files ?? {}).filter(
    (hash) => !JSON.stringify((files as never)[hash]).includes('.template.json'),
  );
  return { images: Object.keys(dockerImages ?? {}), files: code };
}

describe('a model directory', () => {
  test('served by two APIs is one image', () => {
    const directory = modelDirectory();
    expect(assetsOf([directory, directory]).images).toHaveLength(1);
  });

  test('is the same image wherever it lies', () => {
    expect(assetsOf([modelDirectory()])).toEqual(assetsOf([modelDirectory()]));
  });

  test('with one changed byte is another image, and nothing else changes', () => {
    const [kept, changed] = [modelDirectory(), modelDirectory()];
    const before = assetsOf([kept]);
    appendFileSync(join(changed, 'predict.py'), '#');
    const after = assetsOf([kept, changed]);
    expect(after.images).toHaveLength(2);
    expect(after.images).toEqual(expect.arrayContaining(before.images));
    expect(after.files).toEqual(before.files);
  });
});
