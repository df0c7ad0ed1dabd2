/**
 * Each peer's own virtual environment, so that no peer decides another's versions: made once, in a cache folder, from the
 * pinned requirements, and made anew when those change.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/bench-serving');

export type EnvironmentName = 'ours' | 'fastapi' | 'flask' | 'litserve' | 'bentoml' | 'mlserver' | 'ray' | 'mosec';

/** The folder with the environment's programs; why it cannot be made is thrown. */
export async function environment(name: EnvironmentName): Promise<string> {
  const folder = join(CACHE, name);
  const requirements = join(__dirname, 'requirements', `${name}.txt`);
  const installed = join(folder, 'installed.txt');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== readFileSync(requirements, 'utf8')) {
    mkdirSync(CACHE, { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder]);
    const pip = [join(folder, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check'];
    await run(pip[0], [...pip.slice(1), '--requirement', requirements]);
    copyFileSync(requirements, installed);
  }
  return join(folder, 'bin');
}

/** What is installed in it, as `name` to version. */
export function versionsIn(programs: string): Readonly<Record<string, string>> {
  const list = ['-m', 'pip', 'list', '--format', 'json', '--disable-pip-version-check'];
  const { stdout, status } = spawnSync(join(programs, 'python'), list, { encoding: 'utf8' });
  if (status !== 0) return {};
  const packages: { name: string; version: string }[] = JSON.parse(stdout);
  return Object.fromEntries(packages.map(({ name, version }) => [name.toLowerCase(), version]));
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'close');
  const lastLine = output.trim().split('\n').at(-1);
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 2).join(' ')} ended with ${code}: ${lastLine}`);
}
