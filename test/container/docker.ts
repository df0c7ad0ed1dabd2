/** The docker command as the container tests need it: output as text, and an error that holds what docker said. */
import { spawn, spawnSync } from 'node:child_process';

export function docker(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: ENVIRONMENT,
  });
  if (status !== 0) throw new Error(`docker ${args.join(' ')} exited ${status}:\n${stdout}\n${stderr}`);
  return stdout.trim();
}

/** The classic builder is the least that a user may have, and what the Dockerfile keeps to. */
const ENVIRONMENT = { ...process.env, DOCKER_BUILDKIT: '0' };

/** Docker's exit code; nothing else waits meanwhile. */
export function dockerExit(...args: string[]): Promise<number | null> {
  return new Promise((resolve) => spawn('docker', args, { stdio: 'ignore' }).once('exit', resolve));
}
