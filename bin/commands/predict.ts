/**
 * `model-api predict`: one request and its result, from a directory (served for that one request), a URL, or a deployed
 * stack, whichever way leads there. The result is the only thing on standard output.
 */
import { writeFileSync } from 'node:fs';
import { usageFailure } from '../failure';
import type { Interrupts } from '../interrupts';
import { type Answer, resultOf } from '../predict/answer';
import { apiKeyOf } from '../predict/api-key';
import { nothingToSend, requestBody } from '../predict/input';
import { predictOnLaptop } from '../predict/on-laptop';
import { predictOverHttp, predictUrl } from '../predict/over-http';
import type { Terminal } from '../ui/terminal';

export interface PredictOptions {
  readonly input?: readonly string[];
  readonly json?: string;
  /** Where to write the result instead of standard output. */
  readonly output?: string;
  readonly stack?: string;
  readonly api?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly config?: string;
  /** Seconds. */
  readonly loadTimeout: number;
}

export async function predict(
  target: string | undefined,
  options: PredictOptions,
  terminal: Terminal,
  interrupts: Interrupts,
): Promise<void> {
  const body = requestBody(options);
  const result = resultOf(await answerFrom(target, body, options, terminal, interrupts));
  if (options.output !== undefined) writeResult(options.output, result);
  else terminal.data(result);
}

/** A directory can be asked what to send; elsewhere the body has to be known. */
async function answerFrom(
  target: string | undefined,
  body: string | undefined,
  options: PredictOptions,
  terminal: Terminal,
  interrupts: Interrupts,
): Promise<Answer> {
  if (options.stack !== undefined) {
    if (target !== undefined) throw usageFailure('target_twice', `Both ${target} and --stack say where to ask.`);
    const { predictThroughStack } = await import('../predict/through-stack');
    return predictThroughStack({ ...options, stack: options.stack }, known(body), interrupts.asked);
  }
  if (target && /^https?:/.test(target)) {
    return predictOverHttp(predictUrl(target), known(body), interrupts.asked, apiKeyOf(process.env));
  }
  refuseBareHost(target);
  return predictOnLaptop(target, body, options, terminal, interrupts);
}

function known(body: string | undefined): string {
  if (body === undefined) throw nothingToSend();
  return body;
}

function refuseBareHost(target: string | undefined): void {
  if (target && /^[\w.-]+:\d+(\/|$)/.test(target)) {
    throw usageFailure('bad_url', `${target} has no scheme.`, { hint: `Did you mean http://${target}?` });
  }
}

function writeResult(path: string, result: string): void {
  try {
    writeFileSync(path, result);
  } catch (error) {
    throw usageFailure('output_unwritable', `-o ${path}: ${(error as Error).message}.`);
  }
}
