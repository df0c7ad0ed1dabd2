/**
 * The few statistics that are reported. Servers are compared within one round, where the machine was equally busy for
 * both, and only then over rounds: the median of the ratios, not the ratio of the medians.
 */

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function summarize(values: readonly number[]): Summary {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The value below which the share lies, by nearest rank: it is always one that was measured. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

/** Ratios of the same round; a round that one of the two has no finite, positive value for is left out. */
export function pairedRatios(ours: readonly number[], theirs: readonly number[]): number[] {
  const rounds = Math.min(ours.length, theirs.length);
  const ratios = Array.from({ length: rounds }, (_, round) => ours[round] / theirs[round]);
  return ratios.filter((ratio) => Number.isFinite(ratio) && ratio > 0);
}

/** How far the rounds of one measurement lie apart, as a share of their median. */
export function spread(values: readonly number[]): number {
  const { median: middle, min, max } = summarize(values);
  return (max - min) / middle;
}
