/** What a run leaves behind: `bench/results/serving.json`, whose rows are all that the documents are made of. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Row {
  readonly work: string;
  readonly load: string;
  readonly measure: string;
  readonly peer: string;
  /** Ours divided by the peer's: the median of the rounds, then the lowest and the highest. */
  readonly ratio: number;
  readonly min: number;
  readonly max: number;
  /** Such as `>= 2`, `>= 2, stretch >= 3` or, where nothing is required, `stretch >= 5`. */
  readonly target?: string;
  readonly met?: boolean;
}

export interface Versions {
  readonly [name: string]: string | number | Readonly<Record<string, string>>;
}

export interface Results {
  readonly versions: Versions;
  readonly rows: readonly Row[];
}

/** With at most four digits: more would be noise. */
export function rowOf(
  key: Omit<Row, 'ratio' | 'min' | 'max'>,
  ratios: { median: number; min: number; max: number },
): Row {
  const { work, load, measure, peer, ...rest } = key;
  const numbers = { ratio: rounded(ratios.median), min: rounded(ratios.min), max: rounded(ratios.max) };
  return { work, load, measure, peer, ...numbers, ...rest };
}

/** Works that this run left out stay as an earlier one measured them: gates and works can be measured apart. */
export function merged(earlier: Results | undefined, now: Results): Results {
  if (earlier === undefined) return now;
  const measured = new Set(now.rows.map((row) => row.work));
  const kept = earlier.rows.filter((row) => !measured.has(row.work));
  if (kept.length === 0) return now;
  return { versions: { ...now.versions, earlier: earlierRuns(earlier.versions, kept) }, rows: [...kept, ...now.rows] };
}

/** Which works are of an earlier run, of what and how many rounds; what that run took over itself stays named. */
function earlierRuns({ earlier, rounds, 'cdk-model-api': version }: Versions, kept: readonly Row[]) {
  const before = typeof earlier === 'object' ? earlier : {};
  const works = [...new Set(kept.map(({ work }) => work))];
  const run = `${version}; ${rounds}`;
  return Object.fromEntries(works.map((work) => [work, before[work] ?? run]));
}

/** Nothing, when there is none yet. */
export function readResults(file: string): Results | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export function writeFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A row a line, so that a change of one measurement is one line in a diff. */
export function serialized({ versions, rows }: Results): string {
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  const head = JSON.stringify(versions, null, 2).replace(/\n/g, '\n  ');
  return `{\n  "versions": ${head},\n  "rows": [\n${lines}\n  ]\n}\n`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
