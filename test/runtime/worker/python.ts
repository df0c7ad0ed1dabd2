/** The Pythons that tests run the worker on, and virtual environments of the libraries that some handlers bring along. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'model-api-test');

export const PYTHON = 'python3';
export const WORKER = join(ROOT, 'runtime', 'worker');
export const LIBRARIES = join(ROOT, 'test', 'fixtures', 'libraries', 'requirements.txt');

const MINORS = ['3.10', '3.11', '3.12', '3.13', '3.14'];

/** The executables on the PATH for the promised versions, as `3.11`; other versions of `python3` are none of ours. */
export function promisedPythons(): Record<string, string> {
  const names = [PYTHON, ...MINORS.map((minor) => `python${minor}`)];
  const found = names.flatMap((name) => (version(name) === undefined ? [] : [[version(name), name]]));
  const pythons = Object.fromEntries(found) as Record<string, string>;
  console.log(`Pythons on the PATH: ${MINORS.map((minor) => `${minor} ${pythons[minor] ?? 'missing'}`).join(', ')}`);
  return pythons;
}

function version(executable: string): string | undefined {
  const program = 'import sys; print("%d.%d" % sys.version_info[:2])';
  const { status, stdout } = spawnSync(executable, ['-c', program], { encoding: 'utf8' });
  return status === 0 && MINORS.includes(stdout.trim()) ? stdout.trim() : undefined;
}

/** The interpreter of a virtual environment with these locked requirements, made once for each content of the file. */
export function pythonWith(requirements: string, base = PYTHON): string {
  const key = createHash('sha256')
    .update(readFileSync(requirements))
    .update(version(base) ?? '')
    .digest('hex')
    .slice(0, 16);
  const venv = join(CACHE, key);
  if (!existsSync(venv)) makeVenv(venv, requirements, base);
  return join(venv, 'bin', 'python');
}

/** Made beside and moved into place, so that neither a second run nor a broken one leaves half of it. */
function makeVenv(venv: string, requirements: string, base: string): void {
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(join(CACHE, 'unfinished-'));
  execFileSync(base, ['-m', 'venv', unfinished]);
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--require-hashes',
    '-r',
    requirements,
  ];
  execFileSync(join(unfinished, 'bin', 'python'), install);
  if (existsSync(venv)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, venv);
}
