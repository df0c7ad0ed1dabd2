/**
 * The probe: a function inside the VPC that asks a ready replica for a prediction and returns the answer as it is. It
 * judges nothing: whether an answer is right is for the caller to say.
 */
import { readFileSync } from 'node:fs';
import {
  PROBE_SAMPLES_FILE,
  PROBE_VARIABLES,
  type ProbeAnswer,
  type ProbeEvent,
  type ProbeSample,
  type ProbeSampleAnswer,
  type ProbeSamplesResult,
} from '../contract/probe';
import { withKey } from './key';
import { post } from './post';
import { readyTarget } from './targets';

export async function handler(event: ProbeEvent): Promise<ProbeAnswer | ProbeSamplesResult> {
  if (event.samples) return { samples: await askSamples() };
  return event.path === undefined ? ask('/predict', event.body ?? {}) : ask(event.path, event.body);
}

async function askSamples(): Promise<ProbeSampleAnswer[]> {
  const answers: ProbeSampleAnswer[] = [];
  for (const { name, input, output } of readSamples()) {
    answers.push({ name, expected: output, ...(await ask('/predict', input)) });
  }
  return answers;
}

async function ask(path: string, body?: unknown): Promise<ProbeAnswer> {
  const target = await readyTarget(setting('targetGroupArn'));
  const request = {
    path: `${setting('basePath')}${path}`,
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    timeoutMs: Number(setting('timeoutMs')),
  };
  return withKey((headers) => post(target, { ...request, headers }));
}

function setting(name: keyof typeof PROBE_VARIABLES): string {
  const value = process.env[PROBE_VARIABLES[name]];
  if (value === undefined) throw new Error(`${PROBE_VARIABLES[name]} is not set`);
  return value;
}

function readSamples(): readonly ProbeSample[] {
  return JSON.parse(readFileSync(new URL(PROBE_SAMPLES_FILE, import.meta.url), 'utf8'));
}
