/** What speaks against a new version: what is wrong, and what to do about it. */

export interface Finding {
  readonly check: 'replicas' | 'samples' | 'contract' | 'latency';
  readonly message: string;
  readonly fix: string;
}

/** What is left of the function's time; nothing is asked that could outlive it. */
export interface TimeLeft {
  /** Milliseconds that the next request may take; 0 or less when there is none. */
  (): number;
}
