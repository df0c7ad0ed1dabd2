/**
 * The loads of a run. A trace is a JSON file: points `[seconds, requests at once]` with straight lines between them, or a
 * `replay` of a recorded CSV file. Requests at once are those that would run if replicas were endless, so that a trace asks
 * for as many replicas of a slow model as of a fast one.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { perMinute } from './trace-formats';

export interface Trace {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly seconds: number;
  /** Requests at once at a time. */
  at(seconds: number): number;
}

type Point = readonly [seconds: number, busy: number];

interface TraceFile {
  readonly title: string;
  readonly about: string;
  readonly points?: readonly Point[];
  readonly replay?: {
    /** Beside the JSON file. */
    readonly file: string;
    /** Requests at once in its busiest minute. */
    readonly peak: number;
  };
}

export const TRACES_FOLDER = join(__dirname, 'traces');

/** The order in which they are reported: from the plainest to the most lifelike. */
const ORDER = ['step', 'doubling', 'spike', 'flash-crowd', 'ramp', 'daily-wave', 'replay'];

export function shippedNames(): string[] {
  const files = readdirSync(TRACES_FOLDER).filter((file) => file.endsWith('.json'));
  const names = files.map((file) => basename(file, '.json'));
  return names.sort((one, other) => ORDER.indexOf(one) - ORDER.indexOf(other));
}

export function shippedTraces(): Trace[] {
  return shippedNames().map(readShipped);
}

function readShipped(name: string): Trace {
  return readTrace(join(TRACES_FOLDER, `${name}.json`));
}

/** One of ours by its name, or one in a file; `service` is for that. */
export function findTrace(said: string, service: number): Trace {
  const names = shippedNames();
  if (names.includes(said)) return readShipped(said);
  if (existsSync(said)) return readTrace(said, service);
  throw new Error(`--trace ${said}: there is no such file. Name a JSON or CSV file, or one of ${names.join(', ')}.`);
}

/** What a recorded CSV file means depends on how long one of its requests takes: `service` seconds. */
export function readTrace(file: string, service = 1): Trace {
  const name = basename(file).replace(/\.\w+$/, '');
  if (file.endsWith('.csv')) {
    const points = minutePoints(perMinute(readFileSync(file, 'utf8')), service / 60);
    return traceOf(name, { title: name, about: `Replayed from ${basename(file)}.`, points });
  }
  const declared: TraceFile = JSON.parse(readFileSync(file, 'utf8'));
  const { replay, points } = declared;
  if (replay === undefined) return traceOf(name, { ...declared, points: checked(file, points) });
  const counts = perMinute(readFileSync(join(dirname(file), replay.file), 'utf8'));
  return traceOf(name, { ...declared, points: minutePoints(counts, replay.peak / Math.max(...counts)) });
}

/** Each minute's count in its middle. */
function minutePoints(counts: readonly number[], factor: number): Point[] {
  return counts.map((count, minute) => [minute * 60 + 30, count * factor] as const);
}

function checked(file: string, points: readonly Point[] | undefined): readonly Point[] {
  const isRising = points?.every(([seconds, busy], index) => seconds >= (points[index - 1]?.[0] ?? 0) && busy >= 0);
  if (points !== undefined && points.length > 1 && isRising) return points;
  throw new Error(
    `${file} is no trace: give it two or more points [seconds, requests at once], in the order of time, or a replay.`,
  );
}

function traceOf(name: string, { title, about, points = [] }: TraceFile): Trace {
  return { name, title, about, seconds: points[points.length - 1][0], at: (seconds) => lineAt(points, seconds) };
}

/** By halving: a day of minutes has many points. Of two points at one time the later counts. */
function lineAt(points: readonly Point[], seconds: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] <= seconds) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return points[0][1];
  if (low === points.length) return points[low - 1][1];
  const [[from, before], [to, after]] = [points[low - 1], points[low]];
  return before + ((after - before) * (seconds - from)) / (to - from);
}
