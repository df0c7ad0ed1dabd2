/** The docker command as the container tests need it: output as text, and an error that holds what docker said. */
import { spawn, spawnSync } from 'node:child_process';

/** The classic builder is the least that a user may have, and what the Dockerfile keeps to. */
const ENVIRONMENT = { ...process.env, DOCKER_BUILDKIT: '0' };

export function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: ENVIRONMENT,
  });
  if (status !== 0) throw new Error(`docker ${args.join(' ')} exited ${status}:\n${stdout}\n${stderr}`);
  return stdout.trim();
}

/** For commands that last: resolves when docker is done, while the test goes on. */
export function dockerDone(...args: string[]): Promise<void> {
  return new Promise((resolve) => spawn('docker', args, { stdio: 'ignore' }).once('exit', () => resolve()));
}
