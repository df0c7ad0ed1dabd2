/** Why a worker has ended, in words for the log, for callers, and for whoever reads why the handler did not load. */
import type { Failure } from '../../contract/handler';
import type { Exit } from './child';

/** Why the gateway itself kills a worker. */
export type KillReason = 'hung' | 'protocol' | 'load_timeout' | 'warm_up' | 'stopped';

export interface Death {
  readonly reason: Exit['reason'] | KillReason;
  /** Continues "The worker …". */
  readonly how: string;
}

const KILLED: Record<KillReason, string> = {
  hung: 'was killed: it held a request beyond its deadline and did not stop',
  protocol: 'was killed: it broke the protocol',
  load_timeout: 'was killed: it had not loaded the handler in time',
  warm_up: 'was killed: it could not answer a sample',
  stopped: 'was stopped',
};

export function deathOf(exit: Exit, killReason?: KillReason): Death {
  return killReason === undefined ? exit : { reason: killReason, how: KILLED[killReason] };
}

/** Where a worker stood that had not become ready. */
export interface Unready {
  readonly loadTimeoutMs: number;
  readonly wasStarted: boolean;
  /** The file of the sample that it was answering. */
  readonly sample?: string;
  /** What it wrote last to stderr. */
  readonly lastWords: string;
}

export function deathAsFailure(death: Death, unready: Unready): Failure {
  const { sample, lastWords } = unready;
  const message = death.reason === 'load_timeout' ? waited(unready) : ended(death, unready);
  return { kind: 'load', type: 'WorkerDied', message, traceback: lastWords, ...(sample && { sample }) };
}

function waited({ loadTimeoutMs, sample }: Unready): string {
  const seconds = Math.ceil(loadTimeoutMs / 1000);
  if (sample === undefined) return `The handler had not loaded after ${seconds} s.`;
  return `The handler had not answered ${sample} when the load timeout of ${seconds} s had passed.`;
}

function ended({ how }: Death, { wasStarted, sample }: Unready): string {
  if (!wasStarted) return `The worker ${how}.`;
  return `The worker ${how} ${sample === undefined ? 'before the handler was loaded' : `while it answered ${sample}`}.`;
}
