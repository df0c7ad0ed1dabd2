/**
 * A server's processes as the kernel accounts for them: CPU time, memory and descriptors of a process and all that
 * descend from it, and the signals that stop, freeze and thaw them.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time for its readers in hundredths of a second, on every architecture that we run on. */
const TICK_US = 10_000;

interface Stat {
  readonly parent: number;
  /** Own CPU time and that of children already reaped, in ticks. */
  readonly ticks: number;
}

/** The process and all its descendants, parents before children. */
export function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of everyPid()) {
    const parent = stat(pid)?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** Of the whole tree, in microseconds. A child that was reaped meanwhile is in its parent's account. */
export function cpuMicroseconds(root: number): number {
  return treeOf(root).reduce((sum, pid) => sum + (stat(pid)?.ticks ?? 0), 0) * TICK_US;
}

/** Proportional set size of the whole tree, in bytes: pages that processes share count once. */
export function memoryBytes(root: number): number {
  return treeOf(root).reduce((sum, pid) => sum + field(pid, 'smaps_rollup', 'Pss'), 0);
}

/** Resident set of one process, in bytes. */
export function residentBytes(pid: number): number {
  return field(pid, 'status', 'VmRSS');
}

export function descriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

export function signalTree(root: number, signal: NodeJS.Signals, pids = treeOf(root)): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** A zombie has ended: only its parent has not looked. */
export function isAlive(pid: number): boolean {
  const text = read(pid, 'stat');
  return text !== undefined && !text.slice(text.lastIndexOf(')')).startsWith(') Z');
}

function everyPid(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The name of the program may hold spaces and parentheses, so that fields are counted from its end. */
function stat(pid: number): Stat | undefined {
  const text = read(pid, 'stat');
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) };
}

function field(pid: number, file: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(read(pid, file) ?? '')?.[1] ?? 0;
  return Number(kilobytes) * 1024;
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
