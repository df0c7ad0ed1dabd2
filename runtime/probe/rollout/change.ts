/** A change of a contract: where, and what. */

/** Sent by callers, or got by them. */
export type Way = 'sent' | 'got';

export interface Change {
  /** Below the place that is compared: `.features[]`. */
  readonly at: string;
  readonly what: string;
}

/** Two versions of a contract that are being compared. */
export interface Comparison {
  readonly way: Way;
  of(narrow: unknown, wide: unknown): readonly Change[];
}

/** The same changes as seen from one level above. */
export function inside(name: string, changes: readonly Change[]): Change[] {
  return changes.map(({ at, what }) => ({ at: `${name}${at}`, what }));
}
