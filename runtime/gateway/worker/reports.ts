/** What the log is told of the workers: loaded or not, and why; lost, and how often in a row. */
import type { Failure } from '../../contract/handler';
import type { Log } from '../log';
import type { Model } from '../model';
import { type Sample, shownFile, tellIgnored } from '../samples';
import type { Death } from './death';
import { LoadError } from './load-error';
import type { WorkerProcess } from './process';

export class Reports {
  /** What went wrong last: while loading, until a load succeeds. */
  lastFailure?: Failure;
  /** When the first load began, or the first worker of a row was lost: on the clock of `Date.now()`. */
  unreadySince = Date.now();

  /** Each worker is as slow anew. */
  readonly #slow = new WeakSet<Sample>();

  constructor(
    private readonly log: Log,
    private readonly requestTimeoutMs: number,
  ) {}

  loading(attempt: number): void {
    this.log.event('info', 'loading', 'Loading the handler.', { attempt });
  }

  reloading(): void {
    this.log.event('info', 'loading', 'Loading the handler anew.');
  }

  loaded(model: Model, slowest: WorkerProcess): void {
    this.lastFailure = undefined;
    this.log.event('info', 'loaded', 'The handler is loaded.', fields(model, slowest));
  }

  reloaded(model: Model, slowest: WorkerProcess): void {
    this.log.event('info', 'reloaded', 'Loaded the handler anew.', fields(model, slowest));
  }

  /** What is no LoadError is a defect of ours. */
  reportLoadError(event: 'load_failed' | 'reload_failed', thrown: unknown, fields: object = {}): void {
    if (!(thrown instanceof LoadError)) throw thrown;
    const { sample } = thrown.failure;
    if (event === 'load_failed') this.lastFailure = thrown.failure;
    const what = sample === undefined ? 'could not be loaded' : `could not answer ${sample}`;
    this.log.event('error', event, `The handler ${what}.`, { error: thrown.failure, ...fields });
  }

  /** Each worker refuses it anew; it is told once. */
  ignored(sample: Sample, why: string): void {
    if (!sample.isRefused) tellIgnored(this.log, sample.file, why);
    sample.isRefused = true;
  }

  /** Told if it was slow: whoever sends it as a request gets 504 after the same time. */
  answered(sample: Sample, seconds: number): void {
    const limitSeconds = this.requestTimeoutMs / 1000;
    if (seconds <= limitSeconds || this.#slow.has(sample)) return;
    this.#slow.add(sample);
    const file = shownFile(sample);
    const took = rounded(seconds);
    const message = `${file} was answered after ${took} s; as a request it would have ended after ${limitSeconds} s.`;
    const fields = { sample: file, seconds: took, request_timeout_seconds: limitSeconds };
    this.log.event('warning', 'sample_slow', message, fields);
  }

  defect(error: Error): void {
    const traceback = { message: error.message, traceback: error.stack };
    this.log.event('error', 'internal', `The gateway failed on what a worker sent: ${error.message}`, {
      error: traceback,
    });
  }

  recycling(served: number): void {
    this.log.event('info', 'worker_recycled', `A worker is replaced after ${served} requests, as configured.`, {
      served,
    });
  }

  /** `why` is a clause of its own. */
  notForked(why: string): void {
    const remedy = 'Start and open such things in the first call, or leave preload out.';
    const message = `Each worker loads the handler itself, though preload is set: ${why}. ${remedy}`;
    this.log.event('warning', 'preload_unsafe', message, { reason: why });
  }

  zygoteLost(how: string): void {
    const message = `The process that workers are forked from ${how}. Workers go on; the next loads the handler anew.`;
    this.log.event('warning', 'preload_lost', message, { reason: how });
  }

  lost({ how }: Death, crashes: number): void {
    if (crashes === 1) this.unreadySince = Date.now();
    this.log.event('error', 'worker_lost', `A worker ${how}.`, { reason: how, crashes });
  }
}

function fields({ handler }: Model, { loadSeconds, warmUp }: WorkerProcess): object {
  const { samples, seconds } = warmUp;
  return { handler, load_seconds: rounded(loadSeconds), samples, warmup_seconds: rounded(seconds) };
}

const rounded = (seconds: number) => Math.round(seconds * 1000) / 1000;
