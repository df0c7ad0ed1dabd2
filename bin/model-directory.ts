/**
 * What stands in a model directory, as far as serving it on a laptop needs to know: the entry file, where the
 * dependencies are written down, which Python the image will run. Reads files only; imports no user code.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Dependencies, readDependencies } from '../lib/image/dependencies';
import { Findings } from '../lib/image/findings';
import { readPythonVersion } from '../lib/image/python-version';
import { type ModelSample, readSamples, SAMPLES_DIRECTORY } from '../lib/image/samples';
import { CommandFailure, EXIT, usageFailure } from './failure';
import { shownPath } from './ui/problem';

export const DEFAULT_ENTRY = 'predict.py';

export interface ModelDirectory {
  /** Absolute. */
  readonly path: string;
  /** The Python file with the handler, relative to `path`. */
  readonly entry: string;
}

/** The model that the user means by a directory, by its Python file, or by standing in it. */
export function openModelDirectory(target = '.'): ModelDirectory {
  const path = resolve(target);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats && path.endsWith('.py')) return existingEntry(dirname(path), basename(path));
  if (!stats) {
    throw usageFailure('directory_missing', `There is no directory ${target}.`, {
      hint: `Give the directory that holds ${DEFAULT_ENTRY}.`,
    });
  }
  return stats.isDirectory() ? existingEntry(path, DEFAULT_ENTRY) : fileEntry(path, target);
}

function fileEntry(path: string, target: string): ModelDirectory {
  if (path.endsWith('.py')) return { path: dirname(path), entry: basename(path) };
  throw usageFailure('not_a_model', `${target} is neither a directory nor a Python file.`, {
    hint: `Give the directory that holds ${DEFAULT_ENTRY}, or the Python file with predict().`,
  });
}

function existingEntry(path: string, entry: string): ModelDirectory {
  if (existsSync(join(path, entry))) return { path, entry };
  if (!existsSync(path)) throw usageFailure('directory_missing', `There is no directory ${shownPath(path)}.`);
  const found = readdirSync(path).filter((name) => !name.startsWith('.'));
  throw new CommandFailure(
    'entry_missing',
    EXIT.handlerNotLoaded,
    `There is no ${entry} in ${shownPath(path)}: it holds ${listed(found)}.`,
    { hint: entryHint(path, found) },
  );
}

/** A model one level down, or under another name, is the usual reason. */
function entryHint(path: string, found: string[]): string {
  const below = found.find((name) => existsSync(join(path, name, DEFAULT_ENTRY)));
  if (below) return `Did you mean ${shownPath(join(path, below))}?`;
  const python = found.find((name) => name.endsWith('.py'));
  if (python) return `If the handler is in ${python}, give that file: ${shownPath(join(path, python))}`;
  return `Write ${DEFAULT_ENTRY} with a function predict(), or a class with a method predict().`;
}

function listed(names: string[]): string {
  if (names.length === 0) return 'nothing';
  const shown = names.sort().slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** The samples but the bad ones, which the gateway has found and told; they are no reason not to serve. */
export function modelSamples(model: ModelDirectory, bad: ReadonlySet<string>): ModelSample[] {
  const samples = readSamples(model.path, new Findings());
  return samples.filter(({ name }) => !bad.has(join(model.path, SAMPLES_DIRECTORY, `${name}.json`)));
}

/** What to install, judged by the rules of the image: what synth would refuse is refused here too, and earlier. */
export function modelDependencies(model: ModelDirectory): { dependencies: Dependencies; warnings: string[] } {
  const findings = new Findings();
  const dependencies = readDependencies(model.path, findings);
  refuseErrors('dependencies_invalid', findings);
  return { dependencies, warnings: findings.warnings.map((warning) => warning.message) };
}

/** The minor version, such as `3.12`, that `.python-version` asks for. */
export function wantedPython(model: ModelDirectory): string | undefined {
  if (!existsSync(join(model.path, '.python-version'))) return undefined;
  const findings = new Findings();
  const minor = readPythonVersion(model.path, undefined, findings);
  refuseErrors('python_version_invalid', findings);
  return minor;
}

function refuseErrors(code: string, { errors }: Findings): void {
  if (errors.length > 0) throw new CommandFailure(code, EXIT.handlerNotLoaded, `${errors.join('.\n  ')}.`);
}
