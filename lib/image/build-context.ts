/**
 * Writes the build context of a model directory's image: Dockerfile, dependencies, runtime, `serving.json` and the
 * user's files. The same directory gives the same bytes under the same names anywhere, and only what belongs in the
 * image is in it. User files are copied as they are.
 *
 * ```
 * Dockerfile  serving.json
 * dependencies/   packages.txt, and requirements.txt or pyproject.toml with uv.lock
 * gateway/  worker/   the runtime
 * handler/   the model directory
 * ```
 */
import { chmodSync, constants, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServingManifest } from '../../runtime/contract/manifest';
import type { ModelDirectory } from './model-directory';

/** The runtime as the package ships it, beside `lib`. */
export const RUNTIME = join(__dirname, '..', '..', 'runtime');

export interface BuildContext {
  readonly directory: ModelDirectory;
  readonly manifest: ServingManifest;
  readonly dockerfile: string;
}

export function writeBuildContext(target: string, context: BuildContext): void {
  const { directory, manifest, dockerfile } = context;
  const { dependencies, files } = directory;
  writeText(join(target, 'Dockerfile'), dockerfile);
  writeText(join(target, 'dependencies', 'packages.txt'), dependencies.packages.map((name) => `${name}\n`).join(''));
  writeText(join(target, 'serving.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of dependencies.files) copy(join(directory.path, file), join(target, 'dependencies', file), 0o644);
  // The licences of what is bundled travel with the bundle.
  copyFolder(join(RUNTIME, 'dist', 'gateway'), join(target, 'gateway'), /\.(mjs|txt)$/);
  copyFolder(join(RUNTIME, 'worker'), join(target, 'worker'), /\.py$/);
  for (const file of files) copy(file.source, join(target, 'handler', file.path), file.executable ? 0o755 : 0o644);
}

function copyFolder(source: string, target: string, wanted: RegExp): void {
  const names = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => wanted.test(name));
  for (const name of names) copy(join(source, name), join(target, name), 0o644);
}

function writeText(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o644);
}

/**
 * Modes are set and not kept: a checkout under `umask 077` would else give an image that its user cannot read. Folders
 * get theirs in the Dockerfile, for the CDK makes them anew when it copies the context.
 */
function copy(source: string, target: string, mode: number): void {
  mkdirSync(dirname(target), { recursive: true });
  // A clone costs nothing where the file system can make one, and model files are large.
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, mode);
}
