/** What the function was told by its environment, and the samples that lie beside its code. */
import { readFileSync } from 'node:fs';
import { PROBE_SAMPLES_FILE, PROBE_VARIABLES, type ProbeSample } from '../contract/probe';

type Setting = keyof typeof PROBE_VARIABLES;

export function setting(name: Setting): string {
  const value = optionalSetting(name);
  if (value === undefined) throw new Error(`${PROBE_VARIABLES[name]} is not set`);
  return value;
}

export function optionalSetting(name: Setting): string | undefined {
  return process.env[PROBE_VARIABLES[name]];
}

export function readSamples(): readonly ProbeSample[] {
  return JSON.parse(readFileSync(new URL(PROBE_SAMPLES_FILE, import.meta.url), 'utf8'));
}
