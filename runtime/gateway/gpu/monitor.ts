/**
 * Keeps a reader of GPUs running, and nothing more: one that is silent is killed, one that ended is started again after
 * a pause, and after a few tries there are no GPU metrics. Serving notices none of it. Each thing is said once, however
 * often it happens.
 */
import type { Log } from '../log';
import type { GpuReader, StartGpuReader } from './reader';
import type { GpuReading, GpuReadings } from './readings';

export interface GpuTiming {
  /** A driver that nobody uses yet may take seconds for each GPU. */
  readonly firstMs: number;
  /** From one reading to the next. */
  readonly silenceMs: number;
  /** Before the second try, and twice as long before each further one. */
  readonly pauseMs: number;
  /** Tries in a row. */
  readonly attempts: number;
  /** A reader that has read for so long ends the row. */
  readonly provedMs: number;
}

export const GPU_TIMING: GpuTiming = {
  firstMs: 60_000,
  silenceMs: 15_000,
  pauseMs: 1_000,
  attempts: 5,
  provedMs: 60_000,
};

/** What a driver says may hold numbers that change; it must not fill the log. */
const MOST_TOLD = 20;

export class GpuMonitor {
  #reader?: GpuReader;
  #failures = 0;
  /** When the present reader read first, on the clock of `performance.now()`. */
  #readSince?: number;
  #isStopped = false;
  /** Either until the reader counts as silent, or until the next is started. */
  #timer?: NodeJS.Timeout;
  readonly #told = new Set<string>();

  constructor(
    private readonly startReader: StartGpuReader,
    private readonly readings: GpuReadings,
    private readonly log: Log,
    private readonly timing = GPU_TIMING,
  ) {}

  start(): void {
    this.#readSince = undefined;
    this.#expect(this.timing.firstMs);
    try {
      this.#reader = this.startReader({
        read: (readings) => this.#take(readings),
        said: (text) => this.#tell(`GPU metrics: ${text}`),
        ended: (how, isFinal) => this.#end(how, isFinal),
      });
    } catch (error) {
      // Too little memory for another process, for one.
      this.#end(`could not be started: ${(error as Error).message}`, false);
    }
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#reader?.kill();
  }

  #take(readings: readonly GpuReading[]): void {
    this.#readSince ??= performance.now();
    this.#expect(this.timing.silenceMs);
    this.readings.take(readings);
  }

  #expect(withinMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUpOn(withinMs), withinMs).unref();
  }

  /** It is started again when it has ended, and never if it cannot: no second one shall hang in the same driver. */
  #giveUpOn(silentMs: number): void {
    this.#tell(`The reader of GPU metrics hangs: it has read nothing for ${silentMs / 1000} s, and is killed.`);
    this.readings.forget();
    this.#reader?.kill();
  }

  #end(how: string, isFinal: boolean): void {
    clearTimeout(this.#timer);
    this.readings.forget();
    if (this.#isStopped) return;
    const { provedMs, attempts, pauseMs } = this.timing;
    const hasProved = this.#readSince !== undefined && performance.now() - this.#readSince >= provedMs;
    this.#failures = hasProved ? 1 : this.#failures + 1;
    if (isFinal || this.#failures >= attempts) {
      this.log.event('warning', 'gpu_metrics', `There are no GPU metrics from now on: the reader ${how}.`);
      return;
    }
    this.#tell(`The reader of GPU metrics ${how}, and is started again.`);
    this.#timer = setTimeout(() => this.start(), pauseMs * 2 ** (this.#failures - 1)).unref();
  }

  #tell(text: string): void {
    if (this.#told.has(text) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(text);
    this.log.event('warning', 'gpu_metrics', text);
  }
}
