/**
 * Observations in buckets: cheap to add to. One set of counts since the start for Prometheus, one since the last window
 * for EMF. Durations have buckets so narrow that p50 and p99 read from them are within 8 %; rows have powers of two.
 */

/** Where the buckets of a histogram end. */
export interface Scale {
  /** Upper bounds, ascending; what is above the last of them counts as in it. */
  readonly bounds: readonly number[];
  bucketOf(value: number): number;
  /** What stands for everything in a bucket. */
  middle(bucket: number): number;
}

/** Each bound is so many times the one before. CloudWatch rejects a line with more than 100 values. */
function logarithmic(lowest: number, step: number, count: number): Scale {
  const bounds = Array.from({ length: count }, (_, index) => lowest * step ** index);
  const logStep = Math.log(step);
  return {
    bounds,
    bucketOf: (value) => (value <= lowest ? 0 : Math.min(count - 1, Math.ceil(Math.log(value / lowest) / logStep))),
    middle: (bucket) => (bounds[bucket] as number) / Math.sqrt(step),
  };
}

/** 0.1 ms to 15 min in 96 steps of 18 %. */
export const MILLISECONDS = logarithmic(0.1, 1.18, 96);

/** 1 to 1,024 rows, and what is above. */
export const ROWS = logarithmic(1, 2, 12);

/** What a handler observes may be seconds, shares or tokens: 0.0001 to 1 million in 96 steps of 27 %. */
export const ANYTHING = logarithmic(0.0001, 1.27, 96);

const ROUND_BOUNDS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power));

/** The same, as Prometheus gets it: 0.0001, 0.0002, 0.0005, 0.001 and so on to 500,000, and what is above. */
export const ANYTHING_ROUND: Scale = roundScale([
  ...ROUND_BOUNDS.flat().map((bound) => bound / 10_000),
  Number.POSITIVE_INFINITY,
]);

function roundScale(bounds: readonly number[]): Scale {
  return {
    bounds,
    bucketOf: (value) => bounds.findIndex((bound) => value <= bound),
    middle: (bucket) => bounds[bucket] as number,
  };
}

/** CloudWatch's form of a distribution. */
export interface Distribution {
  readonly Values: number[];
  readonly Counts: number[];
  readonly Min: number;
  readonly Max: number;
  readonly Sum: number;
  readonly Count: number;
}

/** One set of counts. */
export class Counts {
  readonly buckets: Float64Array;
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  constructor(readonly scale: Scale) {
    this.buckets = new Float64Array(scale.bounds.length);
  }

  add(value: number): void {
    const bucket = this.scale.bucketOf(value);
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
    this.count += 1;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }
}

export class Histogram {
  readonly total: Counts;
  #window: Counts;

  constructor(readonly scale: Scale = MILLISECONDS) {
    this.total = new Counts(scale);
    this.#window = new Counts(scale);
  }

  observe(value: number): void {
    this.total.add(value);
    this.#window.add(value);
  }

  /** What was observed since the last call; nothing if nothing was, for zero would be a false duration. */
  takeWindow(): Distribution | undefined {
    const window = this.#window;
    if (window.count === 0) return undefined;
    this.#window = new Counts(this.scale);
    return distribution(window);
  }
}

export function distribution({ buckets, count, sum, min, max, scale }: Counts): Distribution {
  const used = [...buckets.keys()].filter((bucket) => (buckets[bucket] as number) > 0);
  return {
    // The middle of a bucket; the ends are known exactly.
    Values: used.map((bucket) => round(Math.min(max, Math.max(min, scale.middle(bucket))))),
    Counts: used.map((bucket) => buckets[bucket] as number),
    Min: round(min),
    Max: round(max),
    Sum: round(sum),
    Count: count,
  };
}

/** Of milliseconds, microseconds are precise enough, and keep the line short; below one, three digits are. */
const round = (value: number) => (Math.abs(value) < 1 ? Number(value.toPrecision(3)) : Math.round(value * 1000) / 1000);
