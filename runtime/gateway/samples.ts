/**
 * Reads `samples/*.json` of the model directory: the examples of the OpenAPI document, and what a worker answers before it
 * is ready. One that is no sample, or that the handler would refuse, is left out with a warning.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { memberText } from './json-member';
import type { Log } from './log';
import type { Check } from './validate';

const FOLDER = 'samples';

export interface Sample {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly input: unknown;
  readonly output?: unknown;
  /** Python refuses its input, which the schema could not. */
  isRefused?: boolean;
  /** The input as its author wrote it: a request's body. */
  readonly body: Buffer;
}

export async function readSamples(modelFolder: string, check: Check, log: Log): Promise<Sample[]> {
  const folder = join(modelFolder, FOLDER);
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((file) => file.endsWith('.json')).sort();
  const samples = await Promise.all(names.map((name) => readSample(join(folder, name), check, log)));
  return samples.filter((sample) => sample !== undefined);
}

/** As users know it: `samples/setosa.json`. */
export function shownFile({ file }: Pick<Sample, 'file'>): string {
  return `${FOLDER}/${basename(file)}`;
}

/** `why` continues the file's name. */
export function tellIgnored(log: Log, file: string, why: string): void {
  log.event('warning', 'sample_ignored', `${shownFile({ file })} ${why}`, { file });
}

export const misfit = (what: string) => `does not fit the handler: ${what}`;

async function readSample(file: string, check: Check, log: Log): Promise<Sample | undefined> {
  try {
    return { name: basename(file, '.json'), file, ...parseSample(await readFile(file, 'utf8'), check) };
  } catch (error) {
    tellIgnored(log, file, (error as Error).message);
    return undefined;
  }
}

/** In the words of synth, which reads the same files and knows no schema. */
function parseSample(text: string, check: Check): Pick<Sample, 'input' | 'output' | 'body'> {
  const sample = parseJson(text);
  if (!isObject(sample) || !isObject(sample.input)) {
    throw new Error('is not a sample: expected {"input": {...}} and, if it is known, "output"');
  }
  const [error] = check(sample.input, text.length);
  if (error) throw new Error(misfit(`${error.path}: ${error.message}`));
  return { input: sample.input, output: sample.output, body: Buffer.from(memberText(text, 'input') as string) };
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
