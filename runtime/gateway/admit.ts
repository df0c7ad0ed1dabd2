/**
 * Admits predictions: at most as many run as the workers take, a bounded number waits, and the rest is refused at once.
 * A deadline bounds waiting and running alike, and a caller that has gone is forgotten. It promises that every admitted
 * prediction gets exactly one answer; it does not know how workers are kept alive.
 */
import type { Deadlines } from './deadline';
import { Errors } from './errors';
import type { Metrics } from './metrics';
import type { Prediction } from './prediction';
import { Queue, type QueueBound, type QueueLimits } from './queue';
import type { PoolListener, WorkerPool } from './worker/pool';
import type { WorkerProcess } from './worker/process';

/** After a deadline a worker has this long to let go before it is killed: code of C libraries cannot be interrupted. */
const GRACE_MS = 2_000;

const LONGEST_RETRY_AFTER_SECONDS = 30;

export class Admission implements PoolListener {
  readonly #queue: Queue;

  constructor(
    private readonly limits: QueueLimits,
    private readonly pool: WorkerPool,
    private readonly deadlines: Deadlines,
    private readonly metrics: Metrics,
  ) {
    this.#queue = new Queue(limits);
    pool.listener = this;
  }

  admit(prediction: Prediction): void {
    this.#refuseUnlessServing();
    if (prediction.deadlineAt <= performance.now())
      throw Errors.deadlineExceeded('before the whole request had arrived', prediction.excuse);
    const worker = this.pool.withRoom();
    if (worker === undefined) this.#enqueue(prediction);
    else this.#run(prediction, worker);
    this.#setAlarm(prediction);
  }

  /** The caller has gone: nobody wants the answer. */
  forget(prediction: Prediction): void {
    if (prediction.isSettled) return;
    prediction.fail(Errors.disconnected());
    this.#leaveQueue(prediction);
    prediction.holder?.cancel(prediction);
  }

  freed(): void {
    while (this.#queue.length > 0) {
      const worker = this.pool.withRoom();
      if (worker === undefined) return;
      const prediction = this.#queue.take() as Prediction;
      this.metrics.leaveQueue();
      this.#run(prediction, worker);
    }
  }

  released(prediction: Prediction): void {
    this.metrics.endRun(prediction.heldMs);
    this.freed();
  }

  returned(prediction: Prediction): void {
    prediction.wasReturned = true;
    this.#queue.putBack(prediction);
    this.metrics.enterQueue();
    this.#setAlarm(prediction);
    this.freed();
  }

  #run(prediction: Prediction, worker: WorkerProcess): void {
    worker.run(prediction);
    this.metrics.startRun(prediction.queueMs);
  }

  #enqueue(prediction: Prediction): void {
    const full = this.#queue.offer(prediction);
    if (full !== undefined) {
      this.metrics.shed(full);
      throw Errors.overloaded(this.#explain(full), this.#retryAfterSeconds());
    }
    this.metrics.enterQueue();
  }

  #setAlarm(prediction: Prediction): void {
    prediction.alarm = this.deadlines.at(prediction.deadlineAt, () => this.#expire(prediction));
  }

  #expire(prediction: Prediction): void {
    const where = prediction.place === 'queue' ? 'while it waited for a worker' : 'while the handler was running';
    if (!prediction.isSettled) prediction.fail(Errors.deadlineExceeded(where, prediction.excuse));
    this.#leaveQueue(prediction);
    const { holder } = prediction;
    if (holder === undefined) return;
    holder.cancel(prediction);
    // A caller in a hurry is no reason to kill: the worker has as long as any request.
    const killAt = Math.max(prediction.limitAt, performance.now()) + GRACE_MS;
    prediction.alarm = this.deadlines.at(killAt, () => holder.kill('hung'));
  }

  #leaveQueue(prediction: Prediction): void {
    if (prediction.place !== 'queue') return;
    this.#queue.remove(prediction);
    prediction.alarm?.cancel();
    this.metrics.leaveQueue();
  }

  #refuseUnlessServing(): void {
    const reason = this.pool.refusal;
    if (reason === undefined) return;
    const isLoading = this.pool.model === undefined;
    this.metrics.unready(isLoading);
    throw isLoading ? Errors.loading(reason) : Errors.notReady(reason);
  }

  #explain(full: QueueBound): string {
    const { queueRequests, queueBytes } = this.limits;
    if (full === 'queue_requests') return `${queueRequests} requests are waiting already, the most this API allows.`;
    return `The waiting requests would be larger than ${queueBytes} bytes, the most this API allows.`;
  }

  /** About when half of those waiting will have been served. */
  #retryAfterSeconds(): number {
    const seconds = (this.#queue.length * this.metrics.meanServiceMs) / this.pool.capacity / 2_000;
    return Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(seconds)));
  }
}
