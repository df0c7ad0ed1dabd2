/**
 * Reads NVIDIA's GPUs, in a process of its own: a gateway cannot call C, and a driver that hangs or crashes must take
 * nothing along (decision 030). The process is the worker's code, started to do nothing else; it writes a line of JSON
 * for each reading.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { killGroup } from '../worker/child';
import { onLines } from '../worker/output';
import type { GpuEvents, GpuReader } from './reader';
import type { GpuReading } from './readings';

export interface NvmlProgram {
  readonly python: string;
  readonly worker: string;
  /** Of those that can be seen: numbers or UUIDs. None: all. */
  readonly chosen: readonly string[];
  readonly everyMs: number;
}

/** There is no library, or none of the GPUs that were chosen. */
const FINAL_EXIT_CODE = 3;

export class NvmlReader implements GpuReader {
  readonly #process: ChildProcess;
  #hasEnded = false;

  constructor(
    { python, worker, chosen, everyMs }: NvmlProgram,
    private readonly events: GpuEvents,
  ) {
    // Without what the model's packages have Python do at each start (-S): none of it is needed here.
    const args = ['-S', '-u', worker, '--gpus', String(everyMs / 1000), chosen.join(',')];
    const child = spawn(python, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#process = child;
    child.once('error', (error) => this.#end(`could not be started: ${error.message}`, false));
    // Not `exit`: by then its last words have been heard.
    child.once('close', (code, signal) =>
      this.#end(signal === null ? `exited with code ${code}` : `was killed by ${signal}`, code === FINAL_EXIT_CODE),
    );
    // Of a process for which there were no descriptors there are no pipes either, whatever the types say.
    if (child.stdout) onLines(child.stdout, (line) => this.#read(line));
    if (child.stderr) onLines(child.stderr, (line) => events.said(line));
  }

  kill(): void {
    // Of one that has ended, the number may be another's by now.
    if (!this.#hasEnded && this.#process.pid !== undefined) killGroup(this.#process.pid);
  }

  #read(line: string): void {
    const readings = readingsIn(line);
    if (readings === undefined) this.events.said(`It wrote what is no reading: ${line.slice(0, 200)}`);
    else this.events.read(readings);
  }

  #end(how: string, isFinal: boolean): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.events.ended(how, isFinal);
  }
}

function readingsIn(line: string): GpuReading[] | undefined {
  try {
    const told = JSON.parse(line) as { gpu: number; utilization: unknown; memoryUsed: unknown }[];
    return told.map(({ gpu, utilization, memoryUsed }) => ({
      gpu: String(gpu),
      utilization: amount(utilization),
      memoryUsed: amount(memoryUsed),
    }));
  } catch {
    return undefined;
  }
}

const amount = (value: unknown) => (typeof value === 'number' && value >= 0 ? value : undefined);
