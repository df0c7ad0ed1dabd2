/**
 * What a model directory asks to have installed: `pyproject.toml` with `uv.lock`, or `requirements.txt` and the files
 * it names, and `packages.txt` for Debian packages. Where both are there the lock wins, since it is the more exact of
 * the two and `requirements.txt` is often an export of it. Judges the text only; nothing is resolved or downloaded.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Findings } from './findings';

/** How the image installs the Python packages. */
export type Installer = 'uv' | 'pip' | 'none';

export interface Dependencies {
  readonly installer: Installer;
  /** The files that the installer reads, relative to the model directory. */
  readonly files: readonly string[];
  /** Debian packages, in the order of `packages.txt`. */
  readonly packages: readonly string[];
}

export const NO_DEPENDENCIES: Dependencies = { installer: 'none', files: [], packages: [] };

const REQUIREMENTS = 'requirements.txt';
const PROJECT = 'pyproject.toml';
const LOCK = 'uv.lock';
const PACKAGES = 'packages.txt';

export function readDependencies(directory: string, findings: Findings): Dependencies {
  const has = (name: string) => existsSync(join(directory, name));
  const packages = has(PACKAGES) ? readPackages(join(directory, PACKAGES), findings) : [];
  if (has(LOCK)) return { installer: 'uv', files: lockedFiles(has, findings), packages };
  if (has(REQUIREMENTS))
    return { installer: 'pip', files: new RequirementsReader(directory, findings).read(), packages };
  if (has(PROJECT)) judgeProject(join(directory, PROJECT), findings);
  return { ...NO_DEPENDENCIES, packages };
}

function lockedFiles(has: (name: string) => boolean, findings: Findings): string[] {
  if (!has(PROJECT)) findings.error(`${LOCK} stands without ${PROJECT}: add the project file that it was made from`);
  if (has(REQUIREMENTS)) {
    findings.warning(
      'two-dependency-files',
      `${REQUIREMENTS} is not used, because ${LOCK} is there: remove one of them`,
    );
  }
  return [PROJECT, LOCK];
}

/** A project file may hold the settings of tools alone; one that names dependencies means to have them installed. */
function judgeProject(file: string, findings: Findings): void {
  if (!/^dependencies\s*=/m.test(readFileSync(file, 'utf8'))) return;
  findings.error(
    `${file} names dependencies but there is no ${LOCK}: run \`uv lock\` beside it, or add ${REQUIREMENTS}`,
  );
}

/** Debian's rule for names, with an optional version. Checked because the build hands each one to a shell. */
const DEBIAN_PACKAGE = /^[a-z0-9][a-z0-9+.-]+(=[A-Za-z0-9.+:~-]+)?$/;

function readPackages(file: string, findings: Findings): string[] {
  const packages: string[] = [];
  linesOf(readFileSync(file, 'utf8')).forEach((line, index) => {
    if (line === '') return;
    if (DEBIAN_PACKAGE.test(line)) packages.push(line);
    else findings.error(`${file}:${index + 1}: ${JSON.stringify(line)} is not the name of a Debian package`);
  });
  return packages;
}

/** Follows `requirements.txt` into the files it includes, so that all of them reach the image. */
class RequirementsReader {
  private readonly files = new Set<string>();
  private readonly unlocked: string[] = [];

  constructor(
    private readonly directory: string,
    private readonly findings: Findings,
  ) {}

  read(): string[] {
    this.readFile(join(this.directory, REQUIREMENTS));
    if (this.unlocked.length > 0) {
      this.findings.warning(
        'unlocked-dependencies',
        `${REQUIREMENTS} leaves versions open (${this.unlocked.slice(0, 5).join(', ')}): two builds of the same ` +
          'directory may differ. Give exact versions with hashes, as `uv pip compile` and `pip-compile` write with --generate-hashes',
      );
    }
    return [...this.files].sort();
  }

  private readFile(file: string): void {
    const name = relative(this.directory, file).replaceAll('\\', '/');
    if (this.files.has(name)) return;
    this.files.add(name);
    for (const line of requirementLines(readFileSync(file, 'utf8'))) this.readLine(line, file);
  }

  private readLine(line: string, file: string): void {
    const included = /^(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)$/.exec(line)?.[1];
    if (included !== undefined) this.include(included, file, (path) => this.readFile(path));
    else if (/^(-e|--editable)\b/.test(line) || /^\.{0,2}\//.test(line)) this.readLocal(line, file);
    else if (!line.startsWith('-') && !isExact(line)) this.unlocked.push(line);
  }

  /** A wheel that lies in the directory is as exact as can be; anything else local would have to be built first. */
  private readLocal(line: string, file: string): void {
    const [path] = line.split(/\s/);
    if (/^\.\/.*\.whl$/.test(path))
      this.include(path, file, (found) => this.files.add(relative(this.directory, found)));
    else this.findings.error(`${file}: ${JSON.stringify(line)} cannot be installed in the image: build a wheel of it`);
  }

  private include(path: string, from: string, then: (file: string) => void): void {
    const file = join(dirname(from), path);
    if (relative(this.directory, file).startsWith('..') || !existsSync(file) || !statSync(file).isFile()) {
      this.findings.error(`${from} names ${path}, which is not a file in ${this.directory}`);
    } else then(file);
  }
}

/** Requirements with continued lines joined, and without comments. */
function requirementLines(text: string): string[] {
  return linesOf(text.replace(/\\\r?\n/g, ' ')).filter((line) => line !== '');
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, '').trim());
}

function isExact(requirement: string): boolean {
  return (
    /===?\s*[^\s*,;]+(\s|;|$)/.test(requirement) || requirement.includes('--hash=') || /@.*#sha256=/.test(requirement)
  );
}
