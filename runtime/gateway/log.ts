/**
 * JSON lines on standard output. Writing never blocks the event loop: what the reader does not take waits in a bounded
 * buffer, and beyond it lines are dropped, counted and reported. Successes are sampled; errors are always written.
 */
import type { Writable } from 'node:stream';

export type Level = 'debug' | 'info' | 'warning' | 'error';

/** What every line carries. */
export interface LogIdentity {
  readonly api: string;
  readonly version?: string;
}

/** A reader that is this far behind has stopped reading. */
const LONGEST_BACKLOG_BYTES = 4 * 1024 * 1024;

const SUCCESSES_PER_SECOND = 50;

/** So long after a success that was not logged its count is. */
const REPORT_MS = 1_000;

export class Log {
  identity: LogIdentity = { api: 'model' };
  #dropped = 0;
  #second = 0;
  #successes = 0;
  #unlogged = 0;

  constructor(private readonly out: Writable) {
    // A reader that has gone is no reason to stop serving.
    out.on('error', () => {});
    out.on('drain', () => this.#reportDropped());
  }

  /** Something that happened to the gateway itself. */
  event(level: Level, event: string, msg: string, fields: object = {}): void {
    this.#line(level, msg, { event, ...fields });
  }

  /** What the handler printed or logged. */
  output(level: Level, msg: string, requestId?: string): void {
    this.#line(level, msg, { event: 'output', request_id: requestId });
  }

  /** An answered request. */
  access(msg: string, fields: object, level: Level): void {
    if (level === 'info' && !this.#admitsSuccess()) return;
    this.#line(level, msg, fields);
  }

  /** A line in a form of its own. */
  raw(line: string): void {
    if (this.out.writableLength > LONGEST_BACKLOG_BYTES) this.#dropped += 1;
    else this.out.write(`${line}\n`);
  }

  /** Resolves when everything is written, or after `atMostMs` if nobody reads. */
  async flush(atMostMs: number): Promise<void> {
    this.#reportUnlogged();
    this.#reportDropped();
    await Promise.race([
      new Promise<void>((resolve) => this.out.write('', () => resolve())),
      new Promise<void>((resolve) => setTimeout(resolve, atMostMs)),
    ]);
  }

  #line(level: Level, msg: string, fields: object): void {
    this.raw(JSON.stringify({ time: new Date().toISOString(), level, msg, ...this.identity, ...fields }));
  }

  #admitsSuccess(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) this.#successes = 0;
    this.#second = second;
    this.#successes += 1;
    if (this.#successes <= SUCCESSES_PER_SECOND) return true;
    if (this.#unlogged === 0) setTimeout(() => this.#reportUnlogged(), REPORT_MS).unref();
    this.#unlogged += 1;
    return false;
  }

  #reportUnlogged(): void {
    const unlogged = this.#unlogged;
    this.#unlogged = 0;
    if (unlogged > 0) this.event('info', 'unlogged', `${unlogged} more requests succeeded.`, { unlogged });
  }

  #reportDropped(): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    if (dropped > 0)
      this.event('warning', 'dropped', `${dropped} log lines were dropped: nobody read them.`, { dropped });
  }
}
