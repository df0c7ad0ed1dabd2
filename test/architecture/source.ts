/** The project as its own tests read it: the files git knows, and who imports whom. Reads text, runs nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export const ROOT = join(__dirname, '../..');

export interface Import {
  /** The importing file. */
  readonly from: string;
  /** A path from the root for the project's own files, the module's name for all others. */
  readonly to: string;
}

/** What git tracks and what it would: a file is judged before it is first committed. Deleted ones are gone at once. */
export function projectFiles(): string[] {
  const git = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const { stdout } = spawnSync('git', git, { cwd: ROOT, encoding: 'utf8' });
  return [...new Set(stdout.split('\0'))].filter((file) => file !== '' && existsSync(join(ROOT, file)));
}

export function text(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Every import of every file, type-only ones included: they couple as firmly as the rest. */
export function importsOf(files: readonly string[]): Import[] {
  return files.flatMap((from) =>
    ts
      .preProcessFile(text(from), true, true)
      .importedFiles.map(({ fileName }) => ({ from, to: target(from, fileName) })),
  );
}

function target(from: string, specifier: string): string {
  if (specifier === 'cdk-model-api') return 'lib/index.ts';
  if (!specifier.startsWith('.')) return specifier;
  const path = normalize(join(dirname(from), specifier));
  const found = [path, `${path}.ts`, `${path}/index.ts`].find(
    (file) => /\.\w+$/.test(file) && existsSync(join(ROOT, file)),
  );
  // An import of nothing is the type checker's to report.
  return found ?? path;
}

/** The first cycle among the imports, as the list of files that one walks through; empty when there is none. */
export function cycleIn(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of targets.get(file) ?? []) {
      const cycle = walk(next, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of targets.keys()) {
    const cycle = walk(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
