/** Sends the samples to the new version's replicas in turn, and compares what they answer with what the samples promise. */
import type { ProbeSample } from '../../contract/probe';
import { ask } from '../ask';
import type { Target } from '../targets';
import type { Finding, TimeLeft } from './finding';
import { differenceOf, shown } from './outputs';

export async function checkSamples(
  samples: readonly ProbeSample[],
  targets: readonly Target[],
  tolerance: number,
  timeLeft: TimeLeft,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [index, sample] of samples.entries()) {
    if (timeLeft() <= 0) return [...findings, outOfTime(index, samples.length)];
    const wrong = await whatIsWrong(sample, targets[index % targets.length] as Target, tolerance, timeLeft());
    if (wrong !== undefined) findings.push({ check: 'samples', message: `sample ${sample.name}: ${wrong}`, fix: FIX });
  }
  return findings;
}

const FIX =
  'correct the handler; or, where the new answer is the right one, write it into the sample of the model directory; or allow more by the tolerance of the rollout check';

async function whatIsWrong(
  { input, output }: ProbeSample,
  target: Target,
  tolerance: number,
  mostMs: number,
): Promise<string | undefined> {
  try {
    const { statusCode, body, headers } = await ask(target, '/predict', input, mostMs);
    if (statusCode !== 200) return `${target.host}:${target.port} answered ${statusCode}: ${shown(body)}`;
    if (output === undefined) return undefined;
    const answer = parsed(body);
    if (answer instanceof SyntaxError) {
      return `the answer is not JSON (content type ${headers['content-type'] ?? 'not said'}): ${shown(body)}`;
    }
    return differenceOf(output, answer, tolerance);
  } catch (error) {
    return (error as Error).message;
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    return error;
  }
}

function outOfTime(asked: number, all: number): Finding {
  return {
    check: 'samples',
    message: `only ${asked} of ${all} samples were answered in the time that a function has`,
    fix: 'leave fewer or faster samples in the model directory, or switch samples off in the rollout check',
  };
}
