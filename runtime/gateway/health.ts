/**
 * Liveness and readiness. Alive from the start of the process to its end, also while loading, draining or overloaded;
 * ready unless a load balancer should send nothing here. Whoever asks why not is told the state, since when, and what to do.
 */
import type { Failure } from '../contract/handler';
import { type Answer, json } from './answer';
import { Errors, type ServingError, type Unready } from './errors';
import type { ApiKeys } from './keys/api-keys';
import type { PoolState, WorkerPool } from './worker/pool';

type UnreadyState = Exclude<PoolState, 'ready'>;

const REASONS: Record<UnreadyState, Unready['reason']> = {
  loading: 'loading',
  warming: 'warming',
  replacing: 'replacing',
  'crash-looping': 'crash_loop',
};

const ADVICE: Record<UnreadyState, string> = {
  loading: 'Nothing needs to be done unless it takes longer than the load timeout.',
  warming: 'Nothing needs to be done; a sample that takes long can be left out, or `warmUp` turned off.',
  replacing: 'Nothing needs to be done; the log says why the last one died (event worker_lost).',
  'crash-looping':
    'Look in the log for the events worker_lost and output, then run the same version with `npx cdk-model-api dev` or roll back.',
};

export class Health {
  #drainingSince?: number;

  constructor(
    private readonly pool: WorkerPool,
    private readonly keys?: ApiKeys,
  ) {}

  drain(): void {
    this.#drainingSince ??= Date.now();
  }

  live(): Answer {
    return json(200, { status: 'alive' });
  }

  /** A full queue is no reason: another replica is chosen by its load, and a refusal is told to the caller. */
  ready(): Answer {
    if (this.#drainingSince !== undefined) throw draining(this.#drainingSince);
    if (this.keys?.refusal !== undefined) throw Errors.notReady(this.keys.refusal, { reason: 'keys' });
    const { state } = this.pool;
    if (state !== 'ready') throw this.#unready(state);
    return json(200, { status: 'ready' });
  }

  #unready(state: UnreadyState): ServingError {
    const { reason, unreadySince, lastFailure } = this.pool;
    const since = new Date(unreadySince).toISOString();
    const advice = lastFailure === undefined ? ADVICE[state] : failed(lastFailure);
    return Errors.notReady(`${reason} It has been so since ${since}. ${advice}`, {
      reason: REASONS[state],
      since,
      last_error: lastFailure && { type: lastFailure.type, file: lastFailure.file, line: lastFailure.line },
    });
  }
}

function draining(at: number): ServingError {
  const since = new Date(at).toISOString();
  const detail = `The server is draining since ${since}: it was told to stop, answers what it has, and ends.`;
  return Errors.notReady(`${detail} Send new requests to another replica.`, { reason: 'draining', since });
}

function failed({ type, file, line }: Failure): string {
  const place = file === undefined ? '' : ` at ${file}:${line}`;
  return `The last attempt failed with ${type}${place}; the log has the traceback (event load_failed). It is tried again.`;
}
