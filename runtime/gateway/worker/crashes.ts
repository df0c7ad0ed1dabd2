/**
 * The deaths of workers in a row: how long to pause before the next start, and when they are a loop and no accident. An
 * answer, or a worker that lives on after loading, ends the row.
 */
import type { Death } from './death';
import type { WorkerProcess } from './process';

/** Deaths in a row, without one answer between them, that are no accident. */
const LOOP = 5;

/** A worker that has lived so long since it loaded has proved that loading works. */
const PROVED_MS = 10_000;

export const LONGEST_PAUSE_MS = 30_000;

/** Before the n-th start in a row: at once, then after 0.1 s, 0.2 s, 0.4 s … */
export function pauseMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(LONGEST_PAUSE_MS, 100 * 2 ** (failures - 2));
}

export class Crashes {
  count = 0;
  /** Continues "the last …". */
  lastDeath = '';
  #diedAt = 0;

  died(worker: WorkerProcess, death: Death): void {
    this.#diedAt = performance.now();
    this.count = hasProved(worker) ? 1 : this.count + 1;
    this.lastDeath = death.how;
  }

  /** An answer, even that the handler raised, shows that loading works; not that of one that had loaded before. */
  answered({ readyAt, state }: WorkerProcess): void {
    if (state !== 'dead' && readyAt > this.#diedAt) this.count = 0;
  }

  isLoop(ready: readonly WorkerProcess[]): boolean {
    return this.count >= LOOP && !ready.some(hasProved);
  }
}

const hasProved = ({ readyAt }: WorkerProcess) => readyAt > 0 && performance.now() - readyAt > PROVED_MS;
