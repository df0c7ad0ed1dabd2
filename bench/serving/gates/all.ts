/** The gates that need a driver of their own, one after the other. One that cannot be measured says why, and is no pass. */
import { environment } from '../environment';
import type { Progress } from '../progress';
import type { Row } from '../results';
import { drain } from './drain';
import type { GateOptions } from './gate';
import { memory } from './memory';
import { overload } from './overload';
import { start } from './start';
import { workerKill } from './worker-kill';

interface Gate {
  readonly name: string;
  readonly run: (options: GateOptions) => Promise<Row[]>;
  readonly seconds: { readonly quick: number; readonly full: number };
}

const GATES: readonly Gate[] = [
  { name: 'start', run: start, seconds: { quick: 3, full: 10 } },
  { name: 'overload', run: overload, seconds: { quick: 22, full: 70 } },
  { name: 'kill -9', run: workerKill, seconds: { quick: 10, full: 50 } },
  { name: 'SIGTERM', run: drain, seconds: { quick: 12, full: 120 } },
  { name: 'memory', run: memory, seconds: { quick: 20, full: 130 } },
];

export const GATE_SECONDS = {
  quick: GATES.reduce((sum, { seconds }) => sum + seconds.quick, 0),
  full: GATES.reduce((sum, { seconds }) => sum + seconds.full, 0),
};

export async function measureGates(quick: boolean, progress: Progress, absent: Map<string, string>): Promise<Row[]> {
  const programs = await environment('ours');
  const rows: Row[] = [];
  for (const { name, run, seconds } of GATES) {
    try {
      rows.push(...(await run({ quick, progress, programs })));
    } catch (error) {
      absent.set(`gate ${name}`, (error as Error).message);
      progress.say(`${name}: ${(error as Error).message}`);
    }
    progress.spend(quick ? seconds.quick : seconds.full);
  }
  return rows;
}
