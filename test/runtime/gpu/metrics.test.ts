/** A gateway whose GPUs are those of a fake NVML: what Prometheus and CloudWatch are told, and that serving goes on. */
import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { describeWith } from '../../setup/needs';
import { type LogLine, type Serving, serve } from '../serve';
import { FakeNvml, GPU_IS_LOST, HANGS, NOT_SUPPORTED, noNvml } from './fake-nvml';

const GIB = 2 ** 30;

/** A gateway that reads the GPUs of this library. */
function serveWith(nvml: Pick<FakeNvml, 'environment'>, env: Record<string, string> = {}): Promise<Serving> {
  const variables = { MODEL_API_GPU_METRICS: 'on', ...nvml.environment, ...env };
  return serve({ handler: 'echo', overlay: { name: 'iris', emf: true }, env: variables });
}

/** The samples of both families, once these are among them. */
async function samples(api: Serving, ...expected: readonly string[]): Promise<string[]> {
  for (;;) {
    const { text } = await api.manage('/metrics');
    const lines = text.split('\n').filter((line) => line.startsWith('model_api_gpu_'));
    if (expected.every((line) => lines.includes(line))) return lines;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function lastWindow(api: Serving): Promise<LogLine> {
  api.signal('SIGTERM');
  await api.exit;
  return api.logs.filter((line) => '_aws' in line).at(-1) as LogLine;
}

const told = (api: Serving) => api.events('gpu_metrics').map(({ msg }) => msg);

describeWith(['cc'], 'a replica with GPUs', () => {
  test('says of each how busy it is and what of its memory is used; CloudWatch gets their mean and sum', async () => {
    const api = await serveWith(new FakeNvml({ percent: 37, bytes: 3 * GIB }, { percent: 100, bytes: 5 * GIB }));
    const lines = await samples(api, `model_api_gpu_memory_used_bytes{gpu="1"} ${5 * GIB}`);
    expect(lines).toEqual([
      'model_api_gpu_utilization_ratio{gpu="0"} 0.37',
      'model_api_gpu_utilization_ratio{gpu="1"} 1',
      `model_api_gpu_memory_used_bytes{gpu="0"} ${3 * GIB}`,
      `model_api_gpu_memory_used_bytes{gpu="1"} ${5 * GIB}`,
    ]);
    const window = await lastWindow(api);
    expect(window).toMatchObject({ Api: 'iris', GpuUtilization: 68.5, GpuMemoryUsed: 8 * GIB });
    const [directive] = (window._aws as { CloudWatchMetrics: [{ Metrics: object[] }] }).CloudWatchMetrics;
    expect(directive.Metrics).toEqual(
      expect.arrayContaining([
        { Name: 'GpuUtilization', Unit: 'Percent', StorageResolution: 60 },
        { Name: 'GpuMemoryUsed', Unit: 'Bytes', StorageResolution: 60 },
      ]),
    );
    expect(told(api)).toEqual([]);
  });

  test('follows what changes', async () => {
    const nvml = new FakeNvml({ percent: 0 });
    const api = await serveWith(nvml);
    await samples(api, 'model_api_gpu_utilization_ratio{gpu="0"} 0');
    nvml.answer([{ percent: 80 }]);
    await samples(api, 'model_api_gpu_utilization_ratio{gpu="0"} 0.8');
  });

  test.each([
    ['a number', '1'],
    ['the beginning of a UUID', 'GPU-1111'],
  ])('reads those alone that its workers may use, by %s', async (_, chosen) => {
    const nvml = new FakeNvml({ percent: 10 }, { percent: 20 }, { percent: 30 });
    const api = await serveWith(nvml, { CUDA_VISIBLE_DEVICES: chosen });
    const lines = await samples(api, 'model_api_gpu_utilization_ratio{gpu="1"} 0.2');
    expect(lines).toHaveLength(2);
    expect(await lastWindow(api)).toMatchObject({ GpuUtilization: 20 });
  });

  test('leaves out what a GPU does not count, such as the utilization of a divided one', async () => {
    const api = await serveWith(new FakeNvml({ percent: NOT_SUPPORTED, bytes: GIB }));
    expect(await samples(api, `model_api_gpu_memory_used_bytes{gpu="0"} ${GIB}`)).toHaveLength(1);
    const window = await lastWindow(api);
    expect(window.GpuMemoryUsed).toBe(GIB);
    expect(Object.keys(window)).not.toContain('GpuUtilization');
    expect(told(api)).toEqual([]);
  });

  test('goes on with the others when one is lost, and says so once', async () => {
    const nvml = new FakeNvml({ percent: 10 }, { percent: 20 });
    const api = await serveWith(nvml);
    await samples(api, 'model_api_gpu_utilization_ratio{gpu="1"} 0.2');
    nvml.answer([{ percent: 30 }, { code: GPU_IS_LOST }]);
    expect(await samples(api, 'model_api_gpu_utilization_ratio{gpu="0"} 0.3')).toHaveLength(2);
    nvml.answer([{ percent: 40 }, { code: GPU_IS_LOST }]);
    await samples(api, 'model_api_gpu_utilization_ratio{gpu="0"} 0.4');
    expect(told(api)).toEqual(['GPU metrics: GPU 1: nvmlDeviceGetUtilizationRates: GPU is lost (15)']);
  });

  test('serves, drains and leaves nothing behind while its driver hangs', async () => {
    const nvml = new FakeNvml({ code: HANGS });
    const api = await serveWith(nvml);
    expect(nvml.readers).toHaveLength(1);
    expect(await api.post({ value: 1 })).toMatchObject({ status: 200, json: 1 });
    const window = await lastWindow(api);
    expect(await api.exit).toBe(0);
    expect(Object.keys(window).filter((name) => name.startsWith('Gpu'))).toEqual([]);
    await vi.waitFor(() => expect(nvml.readers).toEqual([]));
  });

  test('leaves nothing behind when it is killed: the reader ends with the next reading', async () => {
    const nvml = new FakeNvml({ percent: 10 });
    const api = await serveWith(nvml);
    await samples(api, 'model_api_gpu_utilization_ratio{gpu="0"} 0.1');
    api.signal('SIGKILL');
    await vi.waitFor(() => expect(nvml.readers).toEqual([]), { timeout: 10_000 });
  });
});

test('without a library it is said once that there are no GPU metrics, and requests are served', async () => {
  const api = await serveWith(noNvml());
  await api.line(({ msg }) => msg.startsWith('There are no GPU metrics from now on'));
  expect(await api.post({ value: 1 })).toMatchObject({ status: 200, json: 1 });
  expect(told(api)).toEqual([
    expect.stringMatching(/^GPU metrics: .*libnvidia-ml\.so\.1: file too short$/),
    'There are no GPU metrics from now on: the reader exited with code 3.',
  ]);
});

test.skipIf(existsSync('/dev/nvidiactl'))(
  'a replica without a GPU says nothing of any: no zero, and no line of the log',
  async () => {
    const api = await serve({ handler: 'echo', overlay: { emf: true }, env: { MODEL_API_GPU_METRICS: '' } });
    const { text } = await api.manage('/metrics');
    expect(text).toContain('# TYPE model_api_gpu_utilization_ratio gauge\n# HELP');
    expect(text).not.toMatch(/^model_api_gpu_/m);
    expect(Object.keys(await lastWindow(api)).filter((name) => name.startsWith('Gpu'))).toEqual([]);
    expect(told(api)).toEqual([]);
  },
);
