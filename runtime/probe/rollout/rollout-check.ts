/**
 * Judges a new version before callers are led to it: Amazon ECS calls this function when the new replicas run, and takes
 * the deployment back when it says so. It sends the samples to the new replicas, compares what both versions promise, and
 * measures, each as far as it was asked to.
 */
import type { RolloutCheckSettings } from '../../contract/probe';
import { readSamples, setting } from '../settings';
import { checkContract } from './contract';
import { faultOf, type HookAnswer, type LambdaContext, type LifecycleEvent } from './event';
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
  tell(report, event?.resourceArn);
  return report.answer;
}

async function judge(event: LifecycleEvent, settings: RolloutCheckSettings, timeLeft: () => number): Promise<Report> {
  const fault = faultOf(event);
  if (fault !== undefined) return failed([{ check: 'event', message: fault, fix: FAULT_FIX }], []);
  const versions = await versionsOf(event).catch((error: Error) => error);
  if (versions instanceof Error) return wait(event, settings, `the replicas cannot be found: ${versions.message}`);
  const { green, isIdle } = versions;
  if (isIdle) return idle();
  if (green.ready.length === 0) return wait(event, settings, `no new replica is ready: ${green.states}`);
  return verdict(versions, settings, timeLeft);
}

const FAULT_FIX =
  'let Amazon ECS alone call this function, as a lifecycle hook of the service; if it did, see what it sends now: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html';

/** For a while: a throttled call or a health check that is not through yet is no fault of the new version. */
function wait(event: LifecycleEvent, { waitMs }: RolloutCheckSettings, reason: string): Report {
  const since = event.hookDetails?.waitingSince;
  const waitingSince = typeof since === 'number' && Number.isFinite(since) ? since : Date.now();
  if (Date.now() - waitingSince < waitMs) {
    const answer = { hookStatus: 'IN_PROGRESS', callBackDelay: LOOK_AGAIN, hookDetails: { waitingSince } } as const;
    return { answer, findings: [], notes: [], message: `${reason}; looking again in ${LOOK_AGAIN} s` };
  }
  const message = `${reason}, for ${waitMs / 1000} s`;
  const fix = 'read the log of the replicas, and see that this function reaches the APIs of AWS and the replicas';
  return failed([{ check: 'replicas', message, fix }], []);
}

async function verdict(versions: Versions, settings: RolloutCheckSettings, timeLeft: () => number): Promise<Report> {
  const { green, wentBack } = versions;
  const samples = readSamples();
  const { ready } = green;
  const findings: Finding[] = [];
  const notes: string[] = [];
  // Callers of the newer version are those whom going back breaks, and there is no other way to help the rest.
  const blue = wentBack ? undefined : versions.blue;
  if (wentBack) notes.push(WENT_BACK);
  if (settings.contract && !wentBack) {
    const contract = await checkContract(green, blue, timeLeft);
    findings.push(...contract.findings);
    if (contract.note !== undefined) notes.push(contract.note);
  }
  if (settings.samples) findings.push(...(await checkSamples(samples, ready, settings.samples.tolerance, timeLeft)));
  if (settings.latency && samples.length > 0) {
    const measured = { green: ready, blue: blue?.ready ?? [] };
    const latency = await checkLatency(samples, measured, settings.latency, timeLeft);
    findings.push(...latency.findings);
    notes.push(...latency.notes);
  }
  return findings.length > 0 ? failed(findings, notes) : passed(settings, samples.length, notes);
}

const WENT_BACK =
  'neither the contract nor the latency of the two versions was compared: this one is an earlier revision of the task definition than the one that runs, so that this is a way back';

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
