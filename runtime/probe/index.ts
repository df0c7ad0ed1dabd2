/**
 * The probe: a function inside the VPC that asks a ready replica for a prediction and returns the answer as it is. It
 * judges nothing: whether an answer is right is for the caller to say. `rolloutCheck` is another function's handler, by
 * the same code: it does judge, and says whether a new version may take over.
 */
import type { ProbeAnswer, ProbeEvent, ProbeSampleAnswer, ProbeSamplesResult } from '../contract/probe';
import { ask } from './ask';
import { readSamples } from './settings';
import { readyTarget } from './targets';

export { rolloutCheck } from './rollout/rollout-check';

export async function handler(event: ProbeEvent): Promise<ProbeAnswer | ProbeSamplesResult> {
  if (event.samples) return { samples: await askSamples() };
  return event.path === undefined ? askAny('/predict', event.body ?? {}) : askAny(event.path, event.body);
}

async function askSamples(): Promise<ProbeSampleAnswer[]> {
  const answers: ProbeSampleAnswer[] = [];
  for (const { name, input, output } of readSamples()) {
    answers.push({ name, expected: output, ...(await askAny('/predict', input)) });
  }
  return answers;
}

async function askAny(path: string, body?: unknown): Promise<ProbeAnswer> {
  return ask(await readyTarget(), path, body);
}
