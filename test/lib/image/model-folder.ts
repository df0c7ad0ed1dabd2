/** Model directories made on the spot, and what synthesis makes of them. All of it is gone after the test. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type { AssetManifestArtifact, CloudAssembly } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { onTestFinished } from 'vitest';
import type { ModelHandler } from '../../../lib/model-handler';

/** The smallest directory that can be served. */
export const PREDICT = { 'predict.py': 'def predict(x: int) -> int:\n    return x\n' };

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'model-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A directory with these files, by path. */
export function modelFolder(files: Record<string, string | Buffer> = PREDICT): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    chmodSync(join(folder, path), 0o644);
  }
  return folder;
}

export interface Synthesized {
  readonly stack: Stack;
  readonly assembly: CloudAssembly;
  /** Image assets by hash: the staged folder of each, and its build arguments. */
  readonly images: Record<string, { folder: string; buildArgs: Record<string, string>; platform: string }>;
  readonly warnings: string[];
}

/** Binds the handlers in one stack, each under its own id, and synthesizes. */
export function synthesize(handlers: ModelHandler[], context: Record<string, unknown> = {}): Synthesized {
  const app = new App({ outdir: temporaryFolder(), context });
  const stack = new Stack(app, 'Models');
  handlers.forEach((handler, index) => {
    handler._bind(new Construct(stack, `Api${index}`), { platform: Platform.LINUX_AMD64 });
  });
  const assembly = app.synth();
  return { stack, assembly, images: imagesOf(assembly), warnings: warningsOf(stack) };
}

function imagesOf(assembly: CloudAssembly): Synthesized['images'] {
  const manifests = assembly.artifacts.filter((artifact) => 'contents' in artifact) as AssetManifestArtifact[];
  const images = manifests.flatMap((manifest) => Object.entries(manifest.contents.dockerImages ?? {}));
  return Object.fromEntries(
    images.map(([hash, { source }]) => [
      hash,
      {
        folder: resolve(assembly.directory, source.directory ?? ''),
        buildArgs: source.dockerBuildArgs ?? {},
        platform: source.platform ?? '',
      },
    ]),
  );
}

function warningsOf(stack: Stack): string[] {
  return Annotations.fromStack(stack)
    .findWarning('*', '*')
    .map(({ entry }) => String(entry.data));
}

/** The files below a folder, with their modes: `644 handler/predict.py`. */
export function listing(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => `${(statSync(path).mode & 0o777).toString(8)} ${relative(folder, path)}`).sort();
}
