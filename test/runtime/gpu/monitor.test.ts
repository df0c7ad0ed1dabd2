/** What becomes of a reader that fails: real processes with a fake NVML, and a supervisor with short patience. */
import { Writable } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { GPU_TIMING, GpuMonitor, type GpuTiming } from '../../../runtime/gateway/gpu/monitor';
import { NvmlReader } from '../../../runtime/gateway/gpu/nvml-reader';
import type { StartGpuReader } from '../../../runtime/gateway/gpu/reader';
import { GpuReadings } from '../../../runtime/gateway/gpu/readings';
import { Log } from '../../../runtime/gateway/log';
import { describeWith } from '../../setup/needs';
import { PYTHON, WORKER } from '../worker/python';
import { CRASHES, DRIVER_NOT_LOADED, FakeNvml, GPU_IS_LOST, HANGS } from './fake-nvml';

const IMPATIENT: GpuTiming = { firstMs: 5_000, silenceMs: 500, pauseMs: 10, attempts: 3, provedMs: 60_000 };

/** A log whose messages can be waited for. */
class Heard extends Writable {
  readonly messages: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.messages.push(JSON.parse(chunk.toString()).msg);
    done();
  }

  /** Asserted on, so that a wait in vain shows what was said instead. */
  async until(message: string): Promise<void> {
    await vi.waitFor(() => expect(this.messages).toContain(message), { timeout: 20_000, interval: 10 });
  }
}

interface Monitored {
  readonly heard: Heard;
  readonly readings: GpuReadings;
  /** How many readers were started. */
  started(): number;
}

function monitored(start: StartGpuReader, timing: Partial<GpuTiming> = {}): Monitored {
  const heard = new Heard();
  const readings = new GpuReadings();
  let count = 0;
  const counted: StartGpuReader = (events) => {
    count += 1;
    return start(events);
  };
  const monitor = new GpuMonitor(counted, readings, new Log(heard), { ...IMPATIENT, ...timing });
  onTestFinished(() => monitor.stop());
  monitor.start();
  return { heard, readings, started: () => count };
}

/** A real reader, by the worker's own code, of this library. */
function nvmlReader({ environment }: FakeNvml): StartGpuReader {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const program = { python: PYTHON, worker: WORKER, chosen: [], everyMs: 20 };
  return (events) => new NvmlReader(program, events);
}

const utilization = async (readings: GpuReadings, value: number) =>
  vi.waitFor(() => expect(readings.samples('utilization')).toEqual([`{gpu="0"} ${value}`]), { timeout: 20_000 });

describeWith(['cc'], 'a reader of GPUs', () => {
  test('that crashes in the driver is started again, and reads on', async () => {
    const nvml = new FakeNvml({ percent: 10 });
    const { heard, readings, started } = monitored(nvmlReader(nvml));
    await utilization(readings, 0.1);
    nvml.answer([{ code: CRASHES }]);
    await heard.until('The reader of GPU metrics was killed by SIGSEGV, and is started again.');
    expect(readings.samples('utilization')).toEqual([]);
    nvml.answer([{ percent: 20 }]);
    await utilization(readings, 0.2);
    expect(started()).toBeGreaterThan(1);
  });

  test('that hangs is killed, what it knew is forgotten, and another reads on', async () => {
    const nvml = new FakeNvml({ percent: 10 });
    const { heard, readings } = monitored(nvmlReader(nvml));
    await utilization(readings, 0.1);
    nvml.answer([{ code: HANGS }]);
    await heard.until('The reader of GPU metrics hangs: it has read nothing for 0.5 s, and is killed.');
    expect(readings.samples('utilization')).toEqual([]);
    expect(readings.takeWindow().gpuMemoryUsed).toBeUndefined();
    nvml.answer([{ percent: 20 }]);
    await utilization(readings, 0.2);
  });

  test('that never can is given up after some tries, each thing said once', async () => {
    const nvml = new FakeNvml();
    nvml.answer([{}], DRIVER_NOT_LOADED);
    const { heard, started } = monitored(nvmlReader(nvml));
    await heard.until('There are no GPU metrics from now on: the reader exited with code 1.');
    expect(started()).toBe(3);
    expect(heard.messages).toEqual([
      'GPU metrics: cannot initialise',
      'GPU metrics: nvmlInit_v2: Driver Not Loaded (9)',
      'The reader of GPU metrics exited with code 1, and is started again.',
      'There are no GPU metrics from now on: the reader exited with code 1.',
    ]);
  });

  test('whose only GPU is lost ends, and has no last word that is a number', async () => {
    const nvml = new FakeNvml({ percent: 10 });
    const { heard, readings } = monitored(nvmlReader(nvml), { attempts: 1 });
    await utilization(readings, 0.1);
    nvml.answer([{ code: GPU_IS_LOST }]);
    await heard.until('There are no GPU metrics from now on: the reader exited with code 1.');
    expect(heard.messages).toContain('GPU metrics: no GPU answers any more');
    expect(readings.samples('utilization')).toEqual([]);
  });
});

test('a reader that cannot be started is tried again, and given up', async () => {
  const { heard, started } = monitored((events) => {
    const program = { python: '/there/is/no/python', worker: WORKER, chosen: [], everyMs: 20 };
    return new NvmlReader(program, events);
  });
  await vi.waitFor(() =>
    expect(heard.messages.at(-1)).toMatch(/^There are no GPU metrics from now on: the reader could/),
  );
  expect(started()).toBe(3);
});

test('a reader that had read for long has all its tries before it again', async () => {
  let isFirst = true;
  const start: StartGpuReader = ({ read, ended }) => {
    if (isFirst) setTimeout(() => read([{ gpu: '0', utilization: 0.5 }]), 1);
    setTimeout(() => ended('exited with code 1', false), 60);
    isFirst = false;
    return { kill: () => {} };
  };
  const { heard, started } = monitored(start, { attempts: 2, provedMs: 10 });
  await heard.until('There are no GPU metrics from now on: the reader exited with code 1.');
  expect(started()).toBe(2);
});

test('one that even SIGKILL does not end is not followed by another, which would hang as well', async () => {
  const { heard, started } = monitored(() => ({ kill: () => {} }), { firstMs: 20 });
  await heard.until('The reader of GPU metrics hangs: it has read nothing for 0.02 s, and is killed.');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(started()).toBe(1);
});

test('a reader is left more time than the slowest driver takes, and heard of more often than a window closes', () => {
  expect(GPU_TIMING.silenceMs).toBeGreaterThan(10_000);
  expect(GPU_TIMING.firstMs).toBeGreaterThan(GPU_TIMING.silenceMs);
});
