/**
 * What must be reached, and what is hoped for: each is one row of the results. A target that is missed is reported with
 * its measurement like any other. Those that need a driver of their own are under `gates/`, and carry their bounds there.
 */
import type { Measure } from './measures';
import type { WorkName } from './works';

export interface Bound {
  readonly is: '>=' | '<=';
  readonly value: number;
}

export interface Target {
  readonly work: WorkName;
  readonly load: string;
  readonly measure: Measure;
  readonly peer: string;
  /** Required. */
  readonly gate?: Bound;
  /** Hoped for, and reported. */
  readonly stretch?: Bound;
}

/** Of those that batch, in each round the fastest. */
export const BEST_BATCHING = 'best batching peer';

export const TARGETS: readonly Target[] = [
  {
    ...{ work: 'trivial', load: 'c=64', measure: 'throughput', peer: 'fastapi-async' },
    ...{ gate: atLeast(2), stretch: atLeast(3) },
  },
  {
    ...{ work: 'trivial', load: 'c=64', measure: 'p99', peer: 'fastapi-async' },
    ...{ gate: atMost(0.6), stretch: atMost(0.4) },
  },
  { work: 'sklearn', load: 'c=64', measure: 'throughput', peer: 'fastapi-async', gate: atLeast(6) },
  { work: 'sklearn', load: 'c=1', measure: 'throughput', peer: 'ours-no-batching', gate: atLeast(0.95) },
  { work: 'stream', load: 'c=8', measure: 'throughput', peer: 'fastapi-async', gate: atLeast(1.5) },
  { work: 'trivial', load: 'c=1', measure: 'p50', peer: 'fastapi-async', stretch: atMost(1) },
  { work: 'trivial', load: 'c=64', measure: 'throughput', peer: 'litserve', stretch: atLeast(5) },
  { work: 'trivial', load: 'c=64', measure: 'throughput', peer: 'bentoml', stretch: atLeast(5) },
  { work: 'trivial', load: 'c=64', measure: 'throughput', peer: 'mlserver', stretch: atLeast(5) },
  { work: 'trivial', load: 'c=64', measure: 'throughput', peer: 'ray', stretch: atLeast(5) },
  { work: 'trivial', load: 'c=64', measure: 'throughput', peer: 'mosec', stretch: atLeast(1) },
  { work: 'trivial', load: 'c=64', measure: 'cpu_us_per_request', peer: 'bare-asgi', stretch: atMost(1) },
  { work: 'sklearn', load: 'c=64', measure: 'throughput', peer: BEST_BATCHING, stretch: atLeast(1.3) },
  { work: 'batchable', load: 'c=64', measure: 'throughput', peer: BEST_BATCHING, stretch: atLeast(1.3) },
  { work: 'mlp', load: 'c=64', measure: 'throughput', peer: BEST_BATCHING, stretch: atLeast(1.3) },
  { work: 'binary', load: 'c=1', measure: 'throughput', peer: 'fastapi-async', stretch: atLeast(1) },
  { work: 'binary', load: 'c=8', measure: 'throughput', peer: 'fastapi-async', stretch: atLeast(1) },
];

export function atLeast(value: number): Bound {
  return { is: '>=', value };
}

export function atMost(value: number): Bound {
  return { is: '<=', value };
}

export function holds({ is, value }: Bound, measured: number): boolean {
  return is === '>=' ? measured >= value : measured <= value;
}

/** The members of a row that say what was to be reached and whether it was: by the gate, where there is one. */
export function verdict(
  { gate, stretch }: Pick<Target, 'gate' | 'stretch'>,
  measured: number,
): { target?: string; met?: boolean } {
  const decides = gate ?? stretch;
  if (decides === undefined) return {};
  const parts = [gate && said(gate), stretch && `stretch ${said(stretch)}`];
  return { target: parts.filter((part) => part !== undefined).join(', '), met: holds(decides, measured) };
}

function said({ is, value }: Bound): string {
  return `${is} ${value}`;
}
