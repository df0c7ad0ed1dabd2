/** Reads `samples/*.json` of the model directory: the examples of the OpenAPI document. A bad one is a warning. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from './log';

export interface Sample {
  readonly name: string;
  readonly input: unknown;
  readonly output?: unknown;
}

export async function readSamples(modelFolder: string, log: Log): Promise<Sample[]> {
  const folder = join(modelFolder, 'samples');
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((file) => file.endsWith('.json')).sort();
  const samples = await Promise.all(names.map((name) => readSample(join(folder, name), name, log)));
  return samples.filter((sample) => sample !== undefined);
}

async function readSample(file: string, name: string, log: Log): Promise<Sample | undefined> {
  try {
    const sample = JSON.parse(await readFile(file, 'utf8'));
    if (!isObject(sample) || !isObject(sample.input)) throw new Error('it is not an object with an object "input"');
    return { name: name.slice(0, -'.json'.length), input: sample.input, output: sample.output };
  } catch (error) {
    log.event('warning', 'sample_ignored', `samples/${name} is ignored: ${(error as Error).message}`, { file });
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
