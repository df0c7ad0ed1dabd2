/**
 * The Python that serves a model directory: the plain interpreter where nothing is to be installed, else an
 * environment with the dependencies, made once for the same content, Python and platform.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dependencies } from '../../lib/image/dependencies';
import { type ModelDirectory, modelDependencies } from '../model-directory';
import { seconds, startProgress } from '../ui/progress';
import type { Terminal } from '../ui/terminal';
import { EnvironmentCache } from './cache';
import { findPython, type Python } from './find';
import { install } from './install';

export interface Environment {
  /** What to run the worker with. */
  readonly python: string;
  /** Such as `3.11.7`. */
  readonly version: string;
  /** The files that decide which environment it is, relative to the model directory, whether they exist or not. */
  readonly sources: readonly string[];
}

const SOURCES = ['.python-version', 'pyproject.toml', 'uv.lock', 'requirements.txt'];

/** Finds, reuses or makes the environment, and says what takes time. */
export async function prepareEnvironment(
  model: ModelDirectory,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Environment> {
  const { dependencies, warnings } = modelDependencies(model);
  for (const warning of warnings) terminal.warn(`${warning}.`);
  const python = await findPython(model, signal);
  const sources = [...SOURCES, ...dependencies.files];
  if (dependencies.installer === 'none') return { python: python.executable, version: python.version, sources };
  const home = await cachedEnvironment(model, dependencies, python, terminal, signal);
  return { python: join(home, 'bin', 'python'), version: python.version, sources };
}

async function cachedEnvironment(
  model: ModelDirectory,
  dependencies: Dependencies,
  python: Python,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string> {
  const cache = new EnvironmentCache();
  const key = environmentKey(model, dependencies, python);
  const finished = cache.find(key);
  if (finished) return finished;
  cache.sweep();
  const startedAt = Date.now();
  const what = dependencies.installer === 'uv' ? 'uv.lock' : 'requirements.txt';
  const progress = startProgress(terminal, `Installing ${what} for Python ${python.version}`);
  try {
    await install({ model, dependencies, python, home: cache.workshop(key), signal, onLine: progress.update });
    progress.done(`Installed ${what} in ${seconds(Date.now() - startedAt)}`);
    return cache.publish(key);
  } catch (error) {
    progress.done();
    cache.discard(key);
    throw error;
  }
}

/** Everything that another installation could differ by. */
function environmentKey(model: ModelDirectory, dependencies: Dependencies, python: Python): string {
  const { installer, files } = dependencies;
  const hash = createHash('sha256').update([installer, python.executable, python.version, python.platform].join('\n'));
  for (const file of files) hash.update(`\n${file}\n`).update(readFileSync(join(model.path, file)));
  return hash.digest('hex').slice(0, 16);
}
