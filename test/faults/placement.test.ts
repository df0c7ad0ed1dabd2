/** How many workers there are and what each is given, from what a container shows; and that real ones see it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cpus, environmentOf, gpus, workersOf } from '../../runtime/gateway/worker/placement';
import { serve } from '../runtime/serve';
import { handler } from '../runtime/worker/handlers';

function folderWith(...files: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'devices-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of files) writeFileSync(join(folder, file), '');
  return folder;
}

function controlGroup(files: Readonly<Record<string, string>>): string {
  const folder = folderWith();
  mkdirSync(join(folder, 'cpu'));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

const cpuMax = (text: string) => controlGroup({ 'cpu.max': text });
const cfs = (quota: string) => controlGroup({ 'cpu/cpu.cfs_quota_us': quota, 'cpu/cpu.cfs_period_us': '100000\n' });

test('CPUs: what the control group allows, and no more than there are', () => {
  expect(cpus(cpuMax('50000 100000\n'))).toBe(0.5);
  expect(cpus(cpuMax('100000 100000\n'))).toBe(1);
  expect([cpus(cfs('25000\n')), cpus(cfs('100000\n'))]).toEqual([0.25, 1]);
  const unlimited = [...['max 100000\n', '6400000 100000\n', '', 'oops'].map(cpuMax), cfs('-1\n'), cfs('6400000\n')];
  for (const folder of [...unlimited, '/there/is/no/such/folder']) expect(cpus(folder)).toBe(availableParallelism());
});

test.each([
  [0.25, 1],
  [1, 1],
  [1.5, 1],
  [2, 1],
  [3, 2],
  [3.9, 2],
  [16, 15],
])('of %f CPUs, "auto" makes %i workers: one is the gateway’s', (cpuCount, workers) => {
  expect(workersOf('auto', cpuCount)).toBe(workers);
  expect(workersOf(7, cpuCount)).toBe(7);
});

const THREADS = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'VECLIB_MAXIMUM_THREADS'];

test.each([
  [8, 2, '4'],
  [8, 3, '2'],
  [2, 4, '1'],
  [0.5, 1, '1'],
])('%f CPUs and %i workers: %s thread(s) of linear algebra each', (cpuCount, workers, threads) => {
  const environment = environmentOf(0, { workers, cpus: cpuCount, gpus: [] }, {});
  expect(THREADS.map((name) => environment[name])).toEqual(THREADS.map(() => threads));
});

test('what the user has set stays', () => {
  const environment = environmentOf(0, { workers: 1, cpus: 8, gpus: [] }, { OMP_NUM_THREADS: '3' });
  expect(environment).not.toHaveProperty('OMP_NUM_THREADS');
  expect(environment).toMatchObject({ MKL_NUM_THREADS: '8' });
});

test('GPUs: those that were chosen, else as many as have a device file, counted from 0 whatever their numbers', () => {
  const devices = folderWith('nvidia10', 'nvidia2', 'nvidia0', 'nvidiactl', 'nvidia-uvm', 'null');
  expect(gpus({}, devices)).toEqual(['0', '1', '2']);
  expect(gpus({ CUDA_VISIBLE_DEVICES: '3,5' }, devices)).toEqual(['3', '5']);
  expect(gpus({ CUDA_VISIBLE_DEVICES: 'GPU-8f2a, MIG-1b' }, devices)).toEqual(['GPU-8f2a', 'MIG-1b']);
  expect(gpus({ CUDA_VISIBLE_DEVICES: '1,-1,2' }, devices)).toEqual(['1']);
  for (const none of ['', '-1', ' ']) expect(gpus({ CUDA_VISIBLE_DEVICES: none }, devices)).toEqual([]);
  expect(gpus({}, folderWith('null'))).toEqual([]);
  expect(gpus({}, '/there/is/no/such/folder')).toEqual([]);
});

test.each([
  [1, ['0', '1', '2', '3'], ['0,1,2,3']],
  [2, ['0', '1', '2', '3'], ['0,1', '2,3']],
  [2, ['0', '1', '2'], ['0', '1,2']],
  [4, ['0', '1', '2', '3'], ['0', '1', '2', '3']],
])('%i workers divide GPUs %j: none idles because nobody may see it', (workers, all, seen) => {
  const placement = { workers, cpus: 4, gpus: all };
  const variables = seen.map((_, index) => environmentOf(index, placement, {}).CUDA_VISIBLE_DEVICES);
  expect(variables).toEqual(seen);
});

test('GPUs go around among the workers; where there is none, nothing is said of them', () => {
  const placement = { workers: 3, cpus: 4, gpus: ['3', '5'] };
  expect([0, 1, 2].map((index) => environmentOf(index, placement, {}).CUDA_VISIBLE_DEVICES)).toEqual(['3', '5', '3']);
  expect(environmentOf(0, { ...placement, gpus: [] }, {})).not.toHaveProperty('CUDA_VISIBLE_DEVICES');
});

const SEES = `
import os, signal

print("worker", os.getpid(), os.environ["OMP_NUM_THREADS"], os.environ["CUDA_VISIBLE_DEVICES"])

def predict(kill: int = 0) -> int:
    if kill:
        os.kill(kill, signal.SIGKILL)
    return os.getpid()
`;

test('two real workers have a GPU each, and whoever follows a dead one has that one’s', async () => {
  const env = { CUDA_VISIBLE_DEVICES: '3,5', OMP_NUM_THREADS: '' };
  const api = await serve({ handler: handler(SEES), overlay: { workers: 2 }, env });
  const seen = () => api.logs.flatMap(({ msg }) => (msg.startsWith('worker ') ? [msg.split(' ').slice(1)] : []));
  expect(
    seen()
      .map(([, , gpu]) => gpu)
      .sort(),
  ).toEqual(['3', '5']);
  const [pid, , gpu] = seen()[0] as string[];
  await api.post({ kill: Number(pid) });
  await api.line(({ msg }) => msg.startsWith('worker ') && seen().length === 3);
  expect(seen()[2]?.[2]).toBe(gpu);
});

test('real workers compute with their share of the CPUs', async () => {
  const env = { CUDA_VISIBLE_DEVICES: '0' };
  const api = await serve({ handler: handler(SEES), overlay: { workers: 2 }, env });
  const threads = String(Math.max(1, Math.floor(cpus() / 2)));
  const own = process.env.OMP_NUM_THREADS ?? threads;
  for (const { msg } of api.logs.filter((line) => line.msg.startsWith('worker '))) expect(msg.split(' ')[2]).toBe(own);
});
