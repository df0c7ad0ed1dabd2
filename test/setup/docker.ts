/**
 * Sees to a Docker engine for the suites that need one: the engine that answers already, else, for root on a machine
 * with Debian's `docker.io`, one of its own that stops after the run and keeps its images for the next. Where neither
 * can be had those suites are skipped, each under a title that says so (`needs.ts`).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const DAEMON = '/usr/sbin/dockerd';
const START_TIMEOUT_MS = 30_000;

/** Survives `npm ci`, since the images in it take a minute to make. */
const IMAGES = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk-model-api', 'docker');

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (engineAnswers() || process.getuid?.() !== 0 || !existsSync(DAEMON)) return undefined;
  const scratch = mkdtempSync(join(tmpdir(), 'model-api-docker-'));
  process.env.DOCKER_HOST = `unix://${scratch}/docker.sock`;
  const daemon = startDaemon(scratch);
  await answering(daemon);
  return async () => {
    await stopDaemon(daemon);
    rmSync(scratch, { recursive: true, force: true });
  };
}

function engineAnswers(): boolean {
  return spawnSync('docker', ['version', '--format', '{{.Server.Version}}']).status === 0;
}

/** Every path is its own, so that an engine that is started meanwhile on the usual ones is not disturbed. */
function startDaemon(scratch: string): ChildProcess {
  mkdirSync(IMAGES, { recursive: true });
  const log = openSync(join(scratch, 'dockerd.log'), 'w');
  const paths = ['--data-root', IMAGES, '--exec-root', join(scratch, 'exec'), '--pidfile', join(scratch, 'pid')];
  return spawn(DAEMON, ['--host', `unix://${scratch}/docker.sock`, ...paths], { stdio: ['ignore', log, log] });
}

/** Returns also when the daemon gave up: the suites then say what is missing. */
async function answering(daemon: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (daemon.exitCode === null && Date.now() < deadline && !engineAnswers()) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function stopDaemon(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null) return;
  const gone = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  await gone;
}
