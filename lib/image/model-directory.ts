/**
 * A model directory as far as it can be known without running it: its files, its Python, its dependencies, its samples.
 * Whatever is wrong with it is in the findings, never thrown, so that a user sees all of it at once.
 */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Dependencies, NO_DEPENDENCIES, readDependencies } from './dependencies';
import type { Findings } from './findings';
import { listModelFiles, type ModelFile } from './model-files';
import { readPythonVersion } from './python-version';
import { type ModelSample, readSamples } from './samples';

export interface ModelDirectory {
  /** Absolute. */
  readonly path: string;
  readonly files: readonly ModelFile[];
  /** The minor, such as `3.12`. */
  readonly pythonVersion: string;
  readonly dependencies: Dependencies;
  readonly samples: readonly ModelSample[];
}

export interface ReadOptions {
  readonly entry: string;
  readonly exclude?: readonly string[];
  readonly pythonVersion?: string;
}

/** An empty one when there is no such directory, for nothing further can be said of it. */
export function readModelDirectory(path: string, options: ReadOptions, findings: Findings): ModelDirectory {
  const directory = resolve(path);
  const pythonVersion = readPythonVersion(directory, options.pythonVersion, findings);
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    findings.error(noDirectory(directory));
    return { path: directory, files: [], pythonVersion, dependencies: NO_DEPENDENCIES, samples: [] };
  }
  const files = listModelFiles(directory, options.exclude ?? [], findings);
  judgeEntry(directory, options.entry, files, findings);
  const dependencies = readDependencies(directory, findings);
  return { path: directory, files, pythonVersion, dependencies, samples: readSamples(directory, findings) };
}

function noDirectory(path: string): string {
  if (existsSync(path))
    return `${path} is a file, not a model directory: give the directory that it is in, ${dirname(path)}`;
  return `there is no model directory at ${path}: give its path relative to ${process.cwd()}`;
}

function judgeEntry(directory: string, entry: string, files: readonly ModelFile[], findings: Findings): void {
  if (files.some((file) => file.path === entry)) return;
  if (existsSync(join(directory, entry))) {
    findings.error(`${entry} is left out of the image: .gitignore, .dockerignore or exclude in ${directory} name it`);
  } else {
    findings.error(
      `there is no ${entry} in ${directory}: add it with a predict(), or name another file with \`entry\``,
    );
  }
}
