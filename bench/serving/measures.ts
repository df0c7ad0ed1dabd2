/** What is measured of a server under one load, and in which direction it is better. */

export type Measure =
  | 'throughput'
  | 'p50'
  | 'p99'
  | 'cpu_us_per_request'
  | 'rss'
  | 'time_to_ready'
  | 'goodput'
  | 'shed_p99';

export const MEASURES: Readonly<Record<Measure, { readonly unit: string; readonly isBetter: 'higher' | 'lower' }>> = {
  throughput: { unit: 'requests/s', isBetter: 'higher' },
  p50: { unit: 'ms', isBetter: 'lower' },
  p99: { unit: 'ms', isBetter: 'lower' },
  cpu_us_per_request: { unit: 'µs of CPU', isBetter: 'lower' },
  rss: { unit: 'bytes', isBetter: 'lower' },
  time_to_ready: { unit: 'ms', isBetter: 'lower' },
  goodput: { unit: '2xx in time/s', isBetter: 'higher' },
  shed_p99: { unit: 'ms', isBetter: 'lower' },
};

/** One slice of load on one server. */
export type Sample = Partial<Readonly<Record<Measure, number>>> & {
  /** Share of what was offered that was neither answered by 2xx nor shed. */
  readonly failedShare: number;
};

export type Load =
  | { readonly kind: 'closed'; readonly connections: number }
  | { readonly kind: 'open'; readonly share: number };

/** As the results name it. */
export function nameOf(load: Load): string {
  return load.kind === 'closed' ? `c=${load.connections}` : `open ${Math.round(load.share * 100)} %`;
}

/** What is measured once for each start of a server. */
export const START = 'start';
