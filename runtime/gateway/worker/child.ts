/**
 * A worker as the operating system sees it: a process group, its last words and its end, however it came to be. Its own
 * group keeps a terminal's Ctrl-C from reaching workers before the gateway has drained, and takes a handler's own
 * children along when it ends.
 */
import type { Failure } from '../../contract/handler';
import { MemoryWatch } from './memory';

export type Stream = 'stdout' | 'stderr';

/** How a process ended. `how` continues "The worker …". */
export interface Exit {
  readonly reason: 'exit' | 'signal' | 'oom';
  readonly how: string;
  /** Why the handler could not be loaded, when that was tried outside of the worker. */
  readonly failure?: Failure;
}

export interface Child {
  readonly exited: Promise<Exit>;
  /** Undefined of one that could not be started, or has not been yet. */
  readonly pid: number | undefined;
  readonly wasStarted: boolean;
  /** What was written last to its stderr. */
  readonly lastWords: string;
  /** It was born with the handler loaded: it is not told to. */
  readonly isLoaded: boolean;
  /** Whoever is told how it ends has gone: that it ends is seen from its connection alone. */
  readonly isOrphan: boolean;
  /** Kills the whole group, at once. */
  kill(): void;
}

/** Where a child is to find the gateway, and what is its own. */
export interface Order {
  readonly socket: string;
  readonly mark: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called for each line that it writes past Python, unless others write to the same pipe. */
  wrote(stream: Stream, text: string): void;
}

/** Where the processes of workers come from. */
export interface Origin {
  begin(order: Order): Child;
  /** No worker will be wanted of it any more; those that it has live on. */
  retire(): void;
  /** Ends what it holds beside workers, at once. */
  kill(): void;
}

/** So many last lines on stderr explain a death. */
const MOST_LAST_WORDS = 20;

export class LastWords {
  readonly #lines: string[] = [];

  hear(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > MOST_LAST_WORDS) this.#lines.shift();
  }

  get text(): string {
    return this.#lines.join('\n');
  }
}

/** Of the one container that all workers share. */
const memory = new MemoryWatch();

/** A kill of long ago, of something else in the container, is not the reason of a later death. */
setInterval(() => memory.forget(), 1_000).unref();

/** `signal` as the system names it, such as SIGKILL. */
export function exitOf(code: number | null, signal: string | null): Exit {
  if (signal === null) return { reason: 'exit', how: `exited with code ${code}` };
  if (signal === 'SIGKILL' && memory.hasKilled()) return { reason: 'oom', how: outOfMemory(memory.limitBytes) };
  return { reason: 'signal', how: `was killed by ${signal}` };
}

function outOfMemory(limitBytes: number | undefined): string {
  const limit = limitBytes === undefined ? '' : ` of ${Math.round(limitBytes / 2 ** 20)} MiB`;
  return `was killed by the kernel: the container's memory${limit} was used up`;
}

export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}
