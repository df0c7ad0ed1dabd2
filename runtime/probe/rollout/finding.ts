/** What speaks against a new version: what is wrong, and what to do about it. */

export interface Finding {
  readonly check: 'event' | 'replicas' | 'samples' | 'contract' | 'latency';
  readonly message: string;
  readonly fix: string;
}

/** Milliseconds that the next request may take, so that nothing outlives the function; 0 or less when there are none. */
export type TimeLeft = () => number;
