/**
 * JSON lines on standard output. Writing never blocks the event loop: what the reader does not take waits in a bounded
 * buffer, and beyond it lines are dropped, counted and reported. Server errors are always written; of successes, and of what
 * callers got wrong, some each second and the rest is counted, so that no caller can fill the log.
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

/** More are let through for what is written once in ten seconds and watched by alarms. */
const LONGEST_METRICS_BACKLOG_BYTES = 2 * LONGEST_BACKLOG_BYTES;

/** Of each level but `error`: a flood of refusals hides no success. */
const REQUESTS_PER_SECOND = 50;

/** So long after a request that was not logged its count is. */
const REPORT_MS = 1_000;

export class Log {
  identity: LogIdentity = { api: 'model' };
  #dropped = 0;
  #second = 0;
  /** Requests of this second, by level. */
  readonly #requests = new Map<Level, number>();
  /** Requests without a line, by status. */
  readonly #unlogged = new Map<number, number>();

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
  access(msg: string, fields: { readonly status: number }, level: Level): void {
    if (level === 'error' || this.#admits(level)) this.#line(level, msg, fields);
    else this.#leaveOut(fields.status);
  }

  /** A line in a form of its own, which a reader that is behind should still get. */
  metrics(line: string): void {
    this.#write(line, LONGEST_METRICS_BACKLOG_BYTES);
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
    const line = { time: new Date().toISOString(), level, msg, ...this.identity, ...fields };
    this.#write(JSON.stringify(line), LONGEST_BACKLOG_BYTES);
  }

  #write(line: string, longestBacklogBytes: number): void {
    if (this.out.writableLength > longestBacklogBytes) this.#dropped += 1;
    else this.out.write(`${line}\n`);
  }

  #admits(level: Level): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) this.#requests.clear();
    this.#second = second;
    const count = (this.#requests.get(level) ?? 0) + 1;
    this.#requests.set(level, count);
    return count <= REQUESTS_PER_SECOND;
  }

  #leaveOut(status: number): void {
    if (this.#unlogged.size === 0) setTimeout(() => this.#reportUnlogged(), REPORT_MS).unref();
    this.#unlogged.set(status, (this.#unlogged.get(status) ?? 0) + 1);
  }

  #reportUnlogged(): void {
    const counts = [...this.#unlogged];
    this.#unlogged.clear();
    if (counts.length === 0) return;
    const unlogged = counts.reduce((sum, [, count]) => sum + count, 0);
    const shown = counts.map(([status, count]) => `${count} with ${status}`).join(', ');
    const fields = { unlogged, statuses: Object.fromEntries(counts) };
    this.event('info', 'unlogged', `More requests were answered: ${shown}.`, fields);
  }

  #reportDropped(): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    if (dropped > 0)
      this.event('warning', 'dropped', `${dropped} log lines were dropped: nobody read them.`, { dropped });
  }
}
