/**
 * Reads `samples/*.json` of the model directory: the examples of the OpenAPI document. One that is no sample, or that the
 * handler would refuse, is left out with a warning.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from './log';
import type { Check } from './validate';

export interface Sample {
  readonly name: string;
  readonly input: unknown;
  readonly output?: unknown;
}

export async function readSamples(modelFolder: string, check: Check, log: Log): Promise<Sample[]> {
  const folder = join(modelFolder, 'samples');
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((file) => file.endsWith('.json')).sort();
  const samples = await Promise.all(names.map((name) => readSample(join(folder, name), name, check, log)));
  return samples.filter((sample) => sample !== undefined);
}

async function readSample(file: string, name: string, check: Check, log: Log): Promise<Sample | undefined> {
  try {
    return { name: name.slice(0, -'.json'.length), ...parseSample(await readFile(file, 'utf8'), check) };
  } catch (error) {
    log.event('warning', 'sample_ignored', `samples/${name} ${(error as Error).message}`, { file });
    return undefined;
  }
}

/** In the words of synth, which reads the same files and knows no schema. */
function parseSample(text: string, check: Check): Omit<Sample, 'name'> {
  const sample = parseJson(text);
  if (!isObject(sample) || !isObject(sample.input)) {
    throw new Error('is not a sample: expected {"input": {...}} and, if it is known, "output"');
  }
  const [misfit] = check(sample.input, text.length);
  if (misfit) throw new Error(`does not fit the handler: ${misfit.path}: ${misfit.message}`);
  return { input: sample.input, output: sample.output };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`is not JSON: ${(error as Error).message}`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
