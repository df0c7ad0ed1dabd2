/**
 * Runs another program to its end: what it said, how it ended. An aborted program is killed with everything it has
 * started, because pip's build processes would outlive pip.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { interruption } from './failure';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Aborting it kills the program and rejects with an interruption. */
  readonly signal?: AbortSignal;
  /** Called for every line of either stream, as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Rejects only when aborted; a program that cannot be started is one that failed. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  if (options.signal?.aborted) return Promise.reject(interruption());
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      // A process group of its own: Ctrl-C reaches the command line alone, which then ends the whole group.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout = collect(child.stdout, options.onLine);
    const stderr = collect(child.stderr, options.onLine);
    const kill = () => killGroup(child.pid);
    options.signal?.addEventListener('abort', kill, { once: true });
    child.once('error', (error) => resolve({ ok: false, stdout: '', stderr: error.message }));
    child.once('close', (code) => {
      options.signal?.removeEventListener('abort', kill);
      if (options.signal?.aborted) reject(interruption());
      else resolve({ ok: code === 0, stdout: stdout.join('\n'), stderr: stderr.join('\n') });
    });
  });
}

function collect(stream: NodeJS.ReadableStream, onLine: RunOptions['onLine']): string[] {
  const lines: string[] = [];
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line);
    onLine?.(line);
  });
  return lines;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group ended by itself in the meantime.
  }
}
