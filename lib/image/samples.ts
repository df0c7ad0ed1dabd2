/**
 * Reads `samples/*.json`: the requests that a model directory shows for itself, each with the answer it expects if it
 * says one. Reads text only; whether the model agrees is a question for `model-api test`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from './findings';

/** One file of `samples/`. */
export interface ModelSample {
  /** The file's name without `.json`. */
  readonly name: string;
  /** The request's body. */
  readonly input: { readonly [key: string]: unknown };
  /** What the model answers to it. */
  readonly output?: unknown;
}

export const SAMPLES_DIRECTORY = 'samples';

/** Every sample of the directory, sorted by name. */
export function readSamples(directory: string, findings: Findings): ModelSample[] {
  const folder = join(directory, SAMPLES_DIRECTORY);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().flatMap((name) => readSample(join(folder, name), name.slice(0, -'.json'.length), findings));
}

function readSample(file: string, name: string, findings: Findings): ModelSample[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    findings.error(`${file} is not JSON: ${(error as Error).message}`);
    return [];
  }
  if (isObject(parsed) && isObject(parsed.input)) return [{ name, input: parsed.input, output: parsed.output }];
  findings.error(`${file} is not a sample: expected {"input": {...}} and, if it is known, "output"`);
  return [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
