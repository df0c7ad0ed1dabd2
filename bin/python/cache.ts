/**
 * The folder of installed environments. One is made under a name with its maker's process id, and published, when it
 * is finished, by a link from its key: so two commands at once cannot meet in one, and a half-made one is never found.
 * It is not made elsewhere and moved, because an environment's scripts hold its path.
 */
import {
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Old environments hold gigabytes; one that nothing has used for a month is cheaper made again. */
const UNUSED_DAYS = 30;

export class EnvironmentCache {
  constructor(readonly directory = defaultDirectory()) {
    mkdirSync(directory, { recursive: true });
  }

  /** The finished environment, noted as used now. One whose Python was uninstalled does not count. */
  find(key: string): string | undefined {
    const link = join(this.directory, key);
    if (!existsSync(join(link, 'bin', 'python'))) return undefined;
    lutimesSync(link, new Date(), new Date());
    return realpathSync(link);
  }

  /** Where this process makes the environment. */
  workshop(key: string): string {
    return join(this.directory, `${key}.${process.pid}`);
  }

  /** From here on everybody finds it. A rename replaces a link at once; whoever was first is only replaced by its equal. */
  publish(key: string): string {
    const workshop = this.workshop(key);
    symlinkSync(workshop, `${workshop}.link`);
    renameSync(`${workshop}.link`, join(this.directory, key));
    return workshop;
  }

  discard(key: string): void {
    rmSync(this.workshop(key), { recursive: true, force: true });
  }

  /** Removes what a killed command left half-made, and what has not been used for long. */
  sweep(): void {
    const names = readdirSync(this.directory);
    const links = names.filter((name) => lstatSync(join(this.directory, name)).isSymbolicLink());
    for (const link of links.filter((name) => this.isStale(name))) rmSync(join(this.directory, link));
    const published = new Set(
      links.filter((name) => existsSync(join(this.directory, name))).map((name) => this.target(name)),
    );
    for (const name of names) {
      const path = join(this.directory, name);
      if (/\.\d+$/.test(name) && !published.has(path) && !isRunning(makerOf(name))) rmSync(path, { recursive: true });
    }
  }

  private isStale(link: string): boolean {
    return Date.now() - lstatSync(join(this.directory, link)).mtimeMs > UNUSED_DAYS * 24 * 60 * 60 * 1000;
  }

  private target(link: string): string {
    return readlinkSync(join(this.directory, link));
  }
}

function defaultDirectory(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'cdk-model-api', 'environments');
}

function makerOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('.') + 1));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
