/** What was measured on what: without it a number means nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { environment, versionsIn } from './environment';
import type { Peer } from './peers';
import type { Progress } from './progress';
import type { Versions } from './results';

const ROOT = join(__dirname, '../..');

/** Of each environment, the packages that a reader would ask for. */
const TELLING = ['numpy', 'scikit-learn', 'fastapi', 'starlette', 'pydantic', 'uvicorn', 'uvloop', 'httptools'].concat([
  'flask',
  'gunicorn',
  'litserve',
  'bentoml',
  'mlserver',
  'ray',
  'mosec',
]);

export async function versionsOf(peers: readonly Peer[], rounds: string, progress: Progress): Promise<Versions> {
  const names = [...new Set(peers.map((peer) => peer.environment))];
  const packages: [string, Readonly<Record<string, string>>][] = [];
  for (const name of names) {
    progress.step(`the environment of ${name}, which is made the first time`);
    packages.push([name, await packagesOf(name)]);
  }
  return {
    'cdk-model-api': `${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version} (${commit()})`,
    date: new Date().toISOString().slice(0, 10),
    rounds,
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() || 'unknown',
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: release(),
    node: process.version,
    python: firstLine('python3', ['--version']),
    wrk: firstLine('wrk', ['-v']).split(' [')[0],
    ...Object.fromEntries(packages),
  };
}

async function packagesOf(name: Peer['environment']): Promise<Readonly<Record<string, string>>> {
  try {
    const all = versionsIn(await environment(name));
    return Object.fromEntries(TELLING.filter((telling) => telling in all).map((telling) => [telling, all[telling]]));
  } catch (error) {
    return { 'not installed': (error as Error).message };
  }
}

function commit(): string {
  return existsSync(join(ROOT, '.git')) ? firstLine('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD']) : 'no commit';
}

function firstLine(command: string, args: readonly string[]): string {
  const { stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  return error ? 'not there' : (stdout || stderr).trim().split('\n')[0];
}
