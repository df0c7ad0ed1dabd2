/** What a driver saw in one slice of load. */

export interface LoadResult {
  /** Answered by 2xx. */
  readonly ok: number;
  /** Everything that was sent, or was to be sent. */
  readonly offered: number;
  readonly seconds: number;
  /** Milliseconds, of answers by 2xx. */
  readonly p50: number;
  readonly p99: number;
  /** Answered by 2xx within the deadline; a closed loop has none. */
  readonly good: number;
  /** Refused by 429 or 503. */
  readonly shed: number;
  /** Milliseconds until a refusal. */
  readonly shedP99: number;
  /** Any other status, a broken connection, or nothing at all. */
  readonly failed: number;
}

/** Sums what several drivers or requests saw, from plain lists. */
export interface Observed {
  readonly okMs: number[];
  readonly shedMs: number[];
  failed: number;
  good: number;
  offered: number;
}
