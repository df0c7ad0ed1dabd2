/** From the runs of one trace, ours and the peer's with the same callers, to the rows of the results. */
import { atMost, type Bound, verdict } from '../serving/gates';
import { type Row, rowOf } from '../serving/results';
import { type Summary, summarize } from '../serving/statistics';
import type { Outcome } from './simulation';
import type { Trace } from './traces';

export const MEASURES = {
  unaskedSeconds: { name: 'time_until_asked', title: 'until enough are asked for' },
  shortSeconds: { name: 'time_to_capacity', title: 'until enough are ready' },
  shed: { name: 'shed', title: 'refused requests' },
  late: { name: 'late', title: 'late requests' },
  replicaHours: { name: 'replica_hours', title: 'replica-hours' },
} as const;

export type Measure = keyof typeof MEASURES;

/** Each pair of runs had the same arrivals. */
export interface Compared {
  readonly trace: Trace;
  readonly ours: readonly Outcome[];
  readonly cortex: readonly Outcome[];
  /** Ours with other options than the default ones, by what is said for them. */
  readonly choices: ReadonlyMap<string, readonly Outcome[]>;
}

export const CORTEX = 'cortex';
export const NOBODY = 'nobody: minutes';

/** Cortex needs eleven steps of a minute for a hundred replicas; and what is quick must not be dear. */
const MINUTES_TO_A_HUNDRED = atMost(4);
const DAILY_REPLICA_HOURS = atMost(1.1);

export function rowsOf(compared: Compared, load: string): Row[] {
  const { trace } = compared;
  const rows = (Object.keys(MEASURES) as Measure[]).flatMap((measure) => {
    const ratios = ratiosOf(compared, measure);
    if (ratios === undefined) return [];
    const gate = trace.name === 'daily-wave' && measure === 'replicaHours' ? DAILY_REPLICA_HOURS : undefined;
    return [row(trace, load, MEASURES[measure].name, CORTEX, ratios, gate)];
  });
  if (trace.name !== 'step') return rows;
  const minutes = summaryOf(compared.ours, 'unaskedSeconds', 60);
  return [...rows, row(trace, load, 'minutes_to_100_asked', NOBODY, minutes, MINUTES_TO_A_HUNDRED)];
}

export function summaryOf(outcomes: readonly Outcome[], measure: Measure, unit = 1): Summary {
  return summarize(outcomes.map((outcome) => outcome[measure] / unit));
}

/** None, when the peer had nothing of it in any run: nothing is no multiple of nothing. */
export function ratiosOf({ ours, cortex }: Compared, measure: Measure): Summary | undefined {
  const ratios = ours.map((outcome, run) => outcome[measure] / cortex[run][measure]).filter(Number.isFinite);
  return ratios.length === 0 ? undefined : summarize(ratios);
}

function row(trace: Trace, load: string, measure: string, peer: string, ratios: Summary, gate?: Bound): Row {
  return rowOf({ work: trace.name, load, measure, peer, ...verdict({ gate }, ratios.median) }, ratios);
}
