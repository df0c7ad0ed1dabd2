/**
 * A worker as the operating system sees it: a process group, its output and its end. Its own group keeps a terminal's
 * Ctrl-C from reaching workers before the gateway has drained, and takes a handler's own children along when it ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Deferred } from '../deferred';
import { MemoryWatch } from './memory';
import { onLines } from './output';

export type Stream = 'stdout' | 'stderr';

/** How a process ended. `how` continues "The worker …". */
export interface Exit {
  readonly reason: 'exit' | 'signal' | 'oom';
  readonly how: string;
}

/** So many last lines on stderr explain a death. */
const LAST_WORDS = 20;

/** Of the one container that all workers share. */
const memory = new MemoryWatch();

export class Child {
  readonly #exited = new Deferred<Exit>();
  readonly #process: ChildProcess;
  readonly #lastWords: string[] = [];

  constructor(
    command: readonly string[],
    folder: string,
    environment: Readonly<Record<string, string | undefined>>,
    onLine: (stream: Stream, text: string) => void,
  ) {
    const [file, ...rest] = command as [string, ...string[]];
    const env = { ...process.env, ...environment };
    const child = spawn(file, rest, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    onLines(child.stdout, (text) => onLine('stdout', text));
    onLines(child.stderr, (text) => {
      this.#remember(text);
      onLine('stderr', text);
    });
    child.once('error', (error: NodeJS.ErrnoException) =>
      this.#exited.resolve({ reason: 'exit', how: `could not be started: ${reasonOf(error, file, folder)}` }),
    );
    child.once('exit', (code, signal) => this.#end(code, signal));
    this.#process = child;
  }

  get exited(): Promise<Exit> {
    return this.#exited.promise;
  }

  /** Undefined of one that could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** What it wrote last to stderr. */
  get lastWords(): string {
    return this.#lastWords.join('\n');
  }

  /** Kills the whole group, at once. */
  kill(): void {
    const { pid } = this;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  }

  #remember(text: string): void {
    this.#lastWords.push(text);
    if (this.#lastWords.length > LAST_WORDS) this.#lastWords.shift();
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    // What the handler started would otherwise outlive it.
    this.kill();
    this.#exited.resolve(exitOf(code, signal));
  }
}

/** The system says ENOENT of the program also when it is the folder that does not exist. */
function reasonOf({ code, message }: NodeJS.ErrnoException, file: string, folder: string): string {
  if (code !== 'ENOENT') return message;
  return existsSync(folder) ? `there is no ${file}` : `there is no folder ${folder}`;
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  if (signal === null) return { reason: 'exit', how: `exited with code ${code}` };
  if (signal === 'SIGKILL' && memory.hasKilled()) return { reason: 'oom', how: outOfMemory(memory.limitBytes) };
  return { reason: 'signal', how: `was killed by ${signal}` };
}

function outOfMemory(limitBytes: number | undefined): string {
  const limit = limitBytes === undefined ? '' : ` of ${Math.round(limitBytes / 2 ** 20)} MiB`;
  return `was killed by the kernel: the container's memory${limit} was used up`;
}
