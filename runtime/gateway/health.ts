/**
 * Liveness and readiness. Alive from the start of the process to its end, also while loading, draining or overloaded;
 * ready unless a load balancer should send nothing here.
 */
import { type Answer, json } from './answer';
import { Errors } from './errors';
import type { ApiKeys } from './keys/api-keys';
import type { WorkerPool } from './worker/pool';

export class Health {
  isDraining = false;

  constructor(
    private readonly pool: WorkerPool,
    private readonly keys?: ApiKeys,
  ) {}

  live(): Answer {
    return json(200, { status: 'alive' });
  }

  ready(): Answer {
    if (this.isDraining) throw Errors.notReady('The server is draining.');
    if (this.keys?.refusal !== undefined) throw Errors.notReady(this.keys.refusal);
    if (this.pool.state !== 'ready') throw Errors.notReady(this.pool.reason);
    return json(200, { status: 'ready' });
  }
}
