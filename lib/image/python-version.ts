/**
 * Which Python a model directory runs on: the handler's own choice, else `.python-version`, else the default. Only the
 * minor counts, for the base image brings the newest patch of it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from './findings';

export const PYTHON_VERSIONS = ['3.10', '3.11', '3.12', '3.13', '3.14'] as const;

/** Every common package publishes wheels for it, which cannot be said of the newest. */
export const DEFAULT_PYTHON_VERSION = '3.12';

const VERSION_FILE = '.python-version';

/** The minor, such as `3.12`. What cannot be run is an error, and the default is returned to go on reading with. */
export function readPythonVersion(directory: string, chosen: string | undefined, findings: Findings): string {
  if (chosen !== undefined) return minorOf(chosen, 'pythonVersion', findings);
  const file = join(directory, VERSION_FILE);
  if (!existsSync(file)) return DEFAULT_PYTHON_VERSION;
  const [line = ''] = readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .filter((text) => /^[^#\s]/.test(text));
  return minorOf(line, file, findings);
}

function minorOf(text: string, place: string, findings: Findings): string {
  const minor = /^(\d+\.\d+)(\.\d+)?$/.exec(text.trim())?.[1];
  const known = PYTHON_VERSIONS.find((version) => version === minor);
  if (known !== undefined) return known;
  findings.error(`${place} says ${JSON.stringify(text)}; expected one of ${PYTHON_VERSIONS.join(', ')}`);
  return DEFAULT_PYTHON_VERSION;
}
