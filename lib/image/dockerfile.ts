/**
 * The Dockerfile of a build context: ours, with another way to a Python when the base image is the user's choice, and
 * after it the user's own when there is one. Ours ends in a stage named
 * `model-api`, which the user's continues, so that both are one build and a classic builder suffices.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RUNTIME } from './build-context';
import type { Findings } from './findings';

/** The stage whose place a base image of the user's takes. */
const INTERPRETER = /^FROM \$\{PYTHON_IMAGE\} AS interpreter\n/m;

const CONTINUES = /^FROM\s+(--platform=\S+\s+)?model-api(\s+AS\s+\S+)?\s*$/im;

/** Line feeds only, as the hash of the context must not depend on how a checkout ends its lines. */
export function readText(file: string): string {
  return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
}

/** The one for a Python image, or the one that brings Python along. */
export function ourDockerfile(hasBaseImage: boolean): string {
  const ours = readText(join(RUNTIME, 'image', 'Dockerfile'));
  if (!hasBaseImage) return ours;
  const brought = readText(join(RUNTIME, 'image', 'Dockerfile.cuda'));
  return ours.replace(INTERPRETER, () => brought);
}

export function composeDockerfile(
  ours: string,
  directory: string,
  file: string | undefined,
  findings: Findings,
): string {
  if (file === undefined) return ours;
  const path = resolve(directory, file);
  if (!existsSync(path)) {
    findings.error(`there is no ${file} in ${resolve(directory)}: add it, or use ModelHandler.fromDirectory`);
    return ours;
  }
  const users = readText(path);
  if (!CONTINUES.test(users))
    findings.error(`${path} does not continue our image: start a stage with \`FROM model-api\``);
  return `${ours}\n${users}`;
}
