/** Whether this replica's GPUs are read at all, and which of them. */
import { existsSync } from 'node:fs';
import type { Paths } from '../config';
import type { Log } from '../log';
import { gpus } from '../worker/placement';
import { GpuMonitor } from './monitor';
import { NvmlReader } from './nvml-reader';
import type { GpuReadings } from './readings';

/** Internal, for tests and for looking into a fault: `on` and `off` instead of the device file. */
const MODE_VARIABLE = 'MODEL_API_GPU_METRICS';

/** NVIDIA's container runtime brings it along with any GPU. A variable alone would say so on machines without one, too. */
const CONTROL_DEVICE = '/dev/nvidiactl';

/** As finely as the driver itself counts. */
const READ_EVERY_MS = 1_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Starts reading where there is something to read. Returns how to stop. */
export function readGpus({ python, worker }: Paths, readings: GpuReadings, log: Log): () => void {
  if (!areRead(process.env)) return () => {};
  // What CUDA hides of the GPUs from this replica's workers is somebody else's; NVML would show it.
  const chosen = process.env.CUDA_VISIBLE_DEVICES === undefined ? [] : gpus();
  const program = { python, worker, chosen, everyMs: READ_EVERY_MS };
  const monitor = new GpuMonitor((events) => new NvmlReader(program, events), readings, log);
  monitor.start();
  return () => monitor.stop();
}

function areRead(environment: Environment): boolean {
  const mode = environment[MODE_VARIABLE];
  if (mode === 'on' || mode === 'off') return mode === 'on';
  return existsSync(CONTROL_DEVICE) && gpus(environment).length > 0;
}
