/**
 * Judges a new version before callers are led to it: Amazon ECS calls this function when the new replicas run, and takes
 * the deployment back when it says so. It sends the samples to the new replicas, compares what both versions promise, and
 * measures, each as far as it was asked to.
 */
import type { RolloutCheckSettings } from '../../contract/probe';
import { readSamples, setting } from '../settings';
import { checkContract } from './contract';
import type { HookAnswer, LambdaContext, LifecycleEvent } from './event';
import type { Finding } from './finding';
import { checkLatency } from './latency';
import { type Report, tell } from './report';
import { checkSamples } from './samples';
import { type Versions, versionsOf } from './versions';

/** Between two looks for a ready replica, in seconds: somewhat longer than between two of the load balancer's. */
const LOOK_AGAIN = 15;

/** Kept of the function's time, to say what was found. */
const RESERVE_MS = 5_000;

export async function rolloutCheck(event: LifecycleEvent, context: LambdaContext): Promise<HookAnswer> {
  const settings: RolloutCheckSettings = JSON.parse(setting('rolloutCheck'));
  const report = await judge(event, settings, () => context.getRemainingTimeInMillis() - RESERVE_MS);
  tell(report, event.resourceArn);
  return report.answer;
}

async function judge(event: LifecycleEvent, settings: RolloutCheckSettings, timeLeft: () => number): Promise<Report> {
  const versions = await versionsOf(event).catch((error: Error) => error);
  if (versions instanceof Error) return wait(event, settings, `the replicas cannot be found: ${versions.message}`);
  const { green, isIdle } = versions;
  if (isIdle) return idle();
  if (green.ready.length === 0) return wait(event, settings, `no new replica is ready: ${green.states}`);
  return verdict(versions, settings, timeLeft);
}

/** For a while: a throttled call or a health check that is not through yet is no fault of the new version. */
function wait(event: LifecycleEvent, { waitMs }: RolloutCheckSettings, reason: string): Report {
  const { waitingSince = Date.now() } = event.hookDetails ?? {};
  if (Date.now() - waitingSince < waitMs) {
    const answer = { hookStatus: 'IN_PROGRESS', callBackDelay: LOOK_AGAIN, hookDetails: { waitingSince } } as const;
    return { answer, findings: [], notes: [], message: `${reason}; looking again in ${LOOK_AGAIN} s` };
  }
  const message = `${reason}, for ${waitMs / 1000} s`;
  const fix = 'read the log of the replicas, and see that this function reaches the APIs of AWS and the replicas';
  return failed([{ check: 'replicas', message, fix }], []);
}

async function verdict(
  { green, blue }: Versions,
  settings: RolloutCheckSettings,
  timeLeft: () => number,
): Promise<Report> {
  const samples = readSamples();
  const { ready } = green;
  const findings: Finding[] = [];
  const notes: string[] = [];
  if (settings.contract) {
    const contract = await checkContract(green, blue, timeLeft);
    findings.push(...contract.findings);
    if (contract.note !== undefined) notes.push(contract.note);
  }
  if (settings.samples) findings.push(...(await checkSamples(samples, ready, settings.samples.tolerance, timeLeft)));
  if (settings.latency && samples.length > 0) {
    const measured = { green: ready, blue: blue?.ready ?? [] };
    findings.push(...(await checkLatency(samples, measured, settings.latency, timeLeft)));
  }
  return findings.length > 0 ? failed(findings, notes) : passed(settings, samples.length, notes);
}

/** Where scaling has taken the last replica away there is nobody to ask, and no caller either. */
function idle(): Report {
  const message = 'the new version may take over: no replica is asked for, so that none was judged';
  return { answer: { hookStatus: 'SUCCEEDED' }, findings: [], notes: [], message };
}

function failed(findings: readonly Finding[], notes: readonly string[]): Report {
  const message = `the new version is taken back: ${findings.length} finding${findings.length === 1 ? '' : 's'} above`;
  return { answer: { hookStatus: 'FAILED' }, findings, notes, message };
}

function passed({ samples, latency }: RolloutCheckSettings, count: number, notes: readonly string[]): Report {
  const sent = samples ? `${count} sample${count === 1 ? '' : 's'} answered as promised` : 'no sample sent';
  const measured = latency ? ', fast enough' : '';
  return {
    answer: { hookStatus: 'SUCCEEDED' },
    findings: [],
    notes,
    message: `the new version may take over: ${sent}${measured}`,
  };
}
