/** A worker that is a process started anew, or another process of the worker's code: the gateway is its parent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { Deferred } from '../deferred';
import { type Child, type Exit, exitOf, killGroup, LastWords, type Order, type Origin, type Stream } from './child';
import { onLines } from './output';

export class SpawnedChild implements Child {
  readonly isLoaded = false;
  readonly isOrphan = false;
  readonly #exited = new Deferred<Exit>();
  readonly #process: ChildProcess;
  readonly #lastWords = new LastWords();

  constructor(
    command: readonly string[],
    folder: string,
    environment: Readonly<Record<string, string | undefined>>,
    onLine: (stream: Stream, text: string) => void,
  ) {
    const [file, ...rest] = command as [string, ...string[]];
    const env = { ...process.env, ...environment };
    const child = spawn(file, rest, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    child.once('error', (error: NodeJS.ErrnoException) =>
      this.#exited.resolve({ reason: 'exit', how: `could not be started: ${reasonOf(error, file, folder)}` }),
    );
    child.once('exit', (code, signal) => this.#end(code, signal));
    this.#process = child;
    this.#hear('stdout', (text) => onLine('stdout', text));
    this.#hear('stderr', (text) => {
      this.#lastWords.hear(text);
      onLine('stderr', text);
    });
  }

  get exited(): Promise<Exit> {
    return this.#exited.promise;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get wasStarted(): boolean {
    return this.pid !== undefined;
  }

  get lastWords(): string {
    return this.#lastWords.text;
  }

  kill(): void {
    if (this.pid !== undefined) killGroup(this.pid);
  }

  /** Of a process for which there were no descriptors there are no pipes either, whatever the types say. */
  #hear(stream: Stream, onLine: (text: string) => void): void {
    const pipe = this.#process[stream] as Readable | null | undefined;
    if (pipe) onLines(pipe, onLine);
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

/** What runs the worker's code, and where. */
export interface Program {
  readonly python: string;
  readonly workerDir: string;
  readonly handlerDir: string;
}

/** Unbuffered, so that the last words of a process that dies are not lost in its buffers. */
export function commandOf({ python, workerDir }: Program, ...rest: readonly string[]): string[] {
  return [python, '-u', workerDir, ...rest];
}

/** Each worker is started anew and loads the handler itself. */
export class Spawning implements Origin {
  constructor(private readonly program: Program) {}

  begin({ socket, mark, environment, wrote }: Order): Child {
    return new SpawnedChild(commandOf(this.program, socket, mark), this.program.handlerDir, environment, wrote);
  }

  retire(): void {}

  kill(): void {}
}
