/** Compares the OpenAPI document of the new version with that of the version before, as callers would read them. */

import { ask } from '../ask';
import type { Replicas, Target } from '../targets';
import type { Finding, TimeLeft } from './finding';
import { breakingChanges } from './openapi-changes';
import { TooManySteps } from './steps';

const DOCUMENT = '/openapi.json';

/** A version that many changes break is shown a few of. */
const MOST_SHOWN = 20;

/** `note` says why nothing was compared. */
export interface Comparison {
  readonly findings: readonly Finding[];
  readonly note?: string;
}

export async function checkContract(
  green: Replicas,
  blue: Replicas | undefined,
  timeLeft: TimeLeft,
): Promise<Comparison> {
  if (blue === undefined) return passed('there is no version before');
  const [old, now] = await Promise.all([documentOf(blue.ready[0], timeLeft()), documentOf(green.ready[0], timeLeft())]);
  // Whatever is wrong with the old version, the new one may be what mends it.
  if (typeof old === 'string') return passed(`the version before shows no ${DOCUMENT}: ${old}`);
  if (typeof now === 'string') {
    const fix = 'read its log: a version whose handler is loaded shows the document';
    return { findings: [{ check: 'contract', message: `the new version shows no ${DOCUMENT}: ${now}`, fix }] };
  }
  const changes = changesOf(old, now);
  if (changes instanceof TooManySteps) return passed(changes.message);
  const findings = changes.slice(0, MOST_SHOWN).map((message) => ({ check: 'contract' as const, message, fix: FIX }));
  const more = changes.length - findings.length;
  const note = more > 0 ? `${more} further changes of the contract are not shown` : undefined;
  return { findings, note };
}

/** That two documents are too large to compare speaks against neither version. */
function changesOf(old: object, now: object): string[] | TooManySteps {
  try {
    return breakingChanges(old, now);
  } catch (error) {
    if (error instanceof TooManySteps) return error;
    throw error;
  }
}

const FIX =
  'keep what callers rely on, such as by an optional argument or a second API at another path; or, where all callers know, deploy once with check: { contract: false } in the rollout, which is also how to go back to an earlier release by cdk deploy';

function passed(note: string): Comparison {
  return { findings: [], note: `the contract was not compared: ${note}` };
}

/** The document; in words, why there is none. */
async function documentOf(target: Target | undefined, mostMs: number): Promise<object | string> {
  if (target === undefined) return 'no replica is ready';
  try {
    const { statusCode, body } = await ask(target, DOCUMENT, undefined, Math.max(1, mostMs));
    return statusCode === 200 ? JSON.parse(body) : `it answers ${statusCode}`;
  } catch (error) {
    return (error as Error).message;
  }
}
