/**
 * A CloudWatch metric as it is filled by EMF lines: each line is a data point at the time that it says, and is found
 * there from the moment on at which it has come through the log driver and CloudWatch Logs.
 */
import type { Engine } from './engine';

/** Seconds; every period of an alarm is a multiple of it. */
const BUCKET = 10;

/**
 * The awslogs driver sends what it has every five seconds (moby, daemon/logger/awslogs, defaultForceFlushInterval).
 * AWS asks for no more: "flush logs to CloudWatch Logs at an interval of 5 seconds or less" (CloudWatch user guide,
 * "Setting alarms on metrics created with the embedded metric format").
 */
const DRIVER_FLUSH = 5;

/** From CloudWatch Logs into the metric. AWS gives no number: ours, and one that is often better in practice. */
const EXTRACTION = 5;

export const INGESTION_SECONDS = DRIVER_FLUSH + EXTRACTION;

export class Metric {
  readonly #sums: number[] = [];
  readonly #counts: number[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly delay = INGESTION_SECONDS,
  ) {}

  /** A replica writes its line now. */
  put(value: number): void {
    const bucket = Math.floor(this.engine.now / BUCKET);
    this.engine.at(this.engine.now + this.delay, () => {
      this.#sums[bucket] = (this.#sums[bucket] ?? 0) + value;
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    });
  }

  /** Of the period that begins then, as far as it has arrived: nothing, when no line has. */
  average(from: number, period: number): number | undefined {
    let sum = 0;
    let count = 0;
    for (let bucket = from / BUCKET; bucket < (from + period) / BUCKET; bucket += 1) {
      sum += this.#sums[bucket] ?? 0;
      count += this.#counts[bucket] ?? 0;
    }
    return count === 0 ? undefined : sum / count;
  }
}
