/**
 * The open-loop driver, as a process of its own: requests are due at a constant rate whether or not earlier ones are
 * answered, and each one's time counts from when it was due, so that a server that stalls cannot hide it. A request that
 * finds no free connection waits; one whose deadline passes while it waits is given up, as its caller would.
 *
 * Due times are looked at once a millisecond: spinning would take the processor that the server needs. Times are thus up
 * to a millisecond too long, for every server alike.
 */
import { readFileSync } from 'node:fs';
import { percentile } from '../statistics';
import { Connection, type Outcome } from './connection';
import type { LoadResult, Observed } from './load-result';

export interface OpenLoopOptions {
  readonly port: number;
  /** The file with the bytes of the request. */
  readonly requestFile: string;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Due in the first so many seconds is sent and not counted. */
  readonly warmUpSeconds: number;
  readonly connections: number;
  readonly deadlineMs: number;
}

const TICK_MS = 1;

class OpenLoop {
  readonly #request: Buffer;
  readonly #idle: Connection[] = [];
  readonly #due: number[] = [];
  readonly #seen: Observed = { okMs: [], shedMs: [], failed: 0, good: 0, offered: 0 };
  #startedAt = 0;
  #scheduled = 0;
  #outstanding = 0;
  #opened = 0;

  constructor(private readonly options: OpenLoopOptions) {
    this.#request = readFileSync(options.requestFile);
  }

  async run(): Promise<LoadResult> {
    const { seconds, warmUpSeconds, deadlineMs } = this.options;
    const totalMs = (seconds + warmUpSeconds) * 1000;
    this.#startedAt = performance.now();
    await this.#tickUntil(() => performance.now() - this.#startedAt >= totalMs);
    const giveUpAt = performance.now() + deadlineMs;
    await this.#tickUntil(() => (this.#outstanding === 0 && this.#due.length === 0) || performance.now() > giveUpAt);
    this.#seen.failed += this.#outstanding;
    return this.#result();
  }

  #tickUntil(isOver: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const tick = () => {
        if (isOver()) return resolve();
        this.#schedule();
        this.#sendDue();
        setTimeout(tick, TICK_MS);
      };
      tick();
    });
  }

  #schedule(): void {
    const { rate, seconds, warmUpSeconds } = this.options;
    const untilNow = ((performance.now() - this.#startedAt) / 1000) * rate;
    const limit = Math.min(untilNow, rate * (seconds + warmUpSeconds));
    while (this.#scheduled < limit) {
      this.#due.push(this.#startedAt + (this.#scheduled / rate) * 1000);
      this.#scheduled++;
    }
  }

  #sendDue(): void {
    const oldest = performance.now() - this.options.deadlineMs;
    let taken = 0;
    for (const dueAt of this.#due) {
      if (dueAt < oldest) this.#count(dueAt, { status: 0, willClose: true });
      else if (!this.#send(dueAt)) break;
      taken++;
    }
    this.#due.splice(0, taken);
  }

  /** False when every connection is busy. */
  #send(dueAt: number): boolean {
    let connection = this.#idle.pop();
    while (connection !== undefined && !connection.isOpen) {
      this.#opened--;
      connection = this.#idle.pop();
    }
    if (connection === undefined && this.#opened >= this.options.connections) return false;
    if (this.#isCounted(dueAt)) this.#outstanding++;
    if (connection !== undefined) this.#exchange(connection, dueAt);
    else void this.#connectAndSend(dueAt);
    return true;
  }

  async #connectAndSend(dueAt: number): Promise<void> {
    this.#opened++;
    try {
      this.#exchange(await Connection.open(this.options.port), dueAt);
    } catch {
      this.#opened--;
      this.#settled(dueAt, { status: 0, willClose: true });
    }
  }

  #exchange(connection: Connection, dueAt: number): void {
    connection.send(this.#request, (outcome) => {
      this.#settled(dueAt, outcome);
      if (connection.isOpen) this.#idle.push(connection);
      else this.#opened--;
    });
  }

  #settled(dueAt: number, outcome: Outcome): void {
    if (this.#isCounted(dueAt)) this.#outstanding--;
    this.#count(dueAt, outcome);
  }

  #isCounted(dueAt: number): boolean {
    return dueAt - this.#startedAt >= this.options.warmUpSeconds * 1000;
  }

  #count(dueAt: number, { status }: Outcome): void {
    if (!this.#isCounted(dueAt)) return;
    const seen = this.#seen;
    const tookMs = performance.now() - dueAt;
    seen.offered++;
    if (status >= 200 && status < 300) {
      seen.okMs.push(tookMs);
      if (tookMs <= this.options.deadlineMs) seen.good++;
    } else if (status === 429 || status === 503) seen.shedMs.push(tookMs);
    else seen.failed++;
  }

  #result(): LoadResult {
    const { okMs, shedMs, failed, good, offered } = this.#seen;
    const sorted = Float64Array.from(okMs).sort();
    return {
      ok: okMs.length,
      offered: offered + this.#outstanding,
      seconds: this.options.seconds,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      good,
      shed: shedMs.length,
      shedP99: percentile(Float64Array.from(shedMs).sort(), 0.99),
      failed,
    };
  }
}

new OpenLoop(JSON.parse(process.argv[2])).run().then((result) => {
  process.stdout.write(JSON.stringify(result));
  process.exit(0);
});
