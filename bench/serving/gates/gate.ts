/** What a gate's driver is given and hands back. */
import type { Bound } from '../gates';
import { verdict } from '../gates';
import type { Progress } from '../progress';
import { type Row, rowOf } from '../results';
import { summarize } from '../statistics';

export interface GateOptions {
  /** Fewer repetitions: shows that the driver works, not that the gate holds. */
  readonly quick: boolean;
  readonly progress: Progress;
  /** The folder with the Python that workers run with. */
  readonly programs: string;
}

/** One row; a count that must be zero is a ratio against nobody. */
export function gateRow(
  key: Pick<Row, 'work' | 'load' | 'measure' | 'peer'>,
  values: readonly number[],
  gate?: Bound,
): Row {
  const summary = summarize(values);
  return rowOf({ ...key, ...verdict({ gate }, summary.median) }, summary);
}
