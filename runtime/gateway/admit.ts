/**
 * Admits predictions: at most as many run as the workers take, a bounded number waits, and the rest is refused at once.
 * A deadline bounds waiting and running alike, and a caller that has gone is forgotten. It promises that every admitted
 * prediction gets exactly one answer; it does not know how workers are kept alive, nor when a batch is full.
 */
import type { Batching } from '../contract/manifest';
import { Batcher } from './batch';
import type { Deadlines } from './deadline';
import { Errors } from './errors';
import type { WorkerMetric } from './handler-metrics';
import type { Metrics } from './metrics';
import type { Prediction } from './prediction';
import { Queue, type QueueBound, type QueueLimits } from './queue';
import type { PoolListener, WorkerPool } from './worker/pool';
import type { WorkerProcess } from './worker/process';

/** After a deadline a worker has this long to let go before it is killed: code of C libraries cannot be interrupted. */
const GRACE_MS = 2_000;

const LONGEST_RETRY_AFTER_SECONDS = 30;

/** A request that was cancelled while it waited in the worker is let go in less; its time says nothing of the handler. */
const NEVER_RAN_MS = 0.1;

export interface AdmissionLimits extends QueueLimits {
  readonly batching: Batching;
}

export class Admission implements PoolListener {
  readonly #queue: Queue;
  readonly #batcher: Batcher;
  /** Set while an idle worker waits for a larger batch. */
  #window?: NodeJS.Timeout;

  constructor(
    private readonly limits: AdmissionLimits,
    private readonly pool: WorkerPool,
    private readonly deadlines: Deadlines,
    private readonly metrics: Metrics,
  ) {
    this.#queue = new Queue(limits);
    this.#batcher = new Batcher(limits.batching);
    pool.listener = this;
  }

  admit(prediction: Prediction): void {
    this.refuseUnlessServing();
    if (prediction.deadlineAt <= performance.now())
      throw Errors.deadlineExceeded('before the whole request had arrived', prediction.excuse);
    const worker = this.#batches ? undefined : this.pool.withRoom();
    if (worker === undefined) this.#enqueue(prediction);
    else this.#run(prediction, worker);
    this.#setAlarm(prediction);
    if (this.#batches) this.#runBatches();
  }

  /** Throws while no request may even wait. */
  refuseUnlessServing(): void {
    const reason = this.pool.refusal;
    if (reason === undefined) return;
    const isLoading = this.pool.model === undefined;
    this.metrics.unready(isLoading);
    throw isLoading ? Errors.loading(reason) : Errors.notReady(reason);
  }

  /** The caller has gone: nobody wants the answer, or the rest of it. */
  forget(prediction: Prediction): void {
    if (prediction.isSettled) return;
    prediction.fail(Errors.disconnected());
    this.#leaveQueue(prediction);
    prediction.holder?.cancel(prediction);
  }

  freed(): void {
    if (this.#batches) this.#runBatches();
    else this.#runWaiting();
  }

  released(prediction: Prediction, serviceMs: number): void {
    const hasRun = !prediction.isSettled || prediction.predictMs > NEVER_RAN_MS;
    this.metrics.endRun(hasRun ? { queueMs: prediction.queueMs, predictMs: prediction.predictMs } : undefined);
    this.#leaveBatch(prediction, serviceMs);
    this.freed();
  }

  /** The last first, so that they stand in front as they came. */
  returned(predictions: readonly Prediction[]): void {
    for (const prediction of [...predictions].reverse()) {
      this.metrics.endRun();
      prediction.wasReturned = true;
      prediction.batch = undefined;
      this.#queue.putBack(prediction);
      this.metrics.enterQueue();
      this.#setAlarm(prediction);
    }
    this.freed();
  }

  measured(metrics: readonly WorkerMetric[]): void {
    this.metrics.handler.add(metrics);
  }

  get #batches(): boolean {
    return this.pool.model?.handler.batch === true;
  }

  #runWaiting(): void {
    while (this.#queue.length > 0) {
      const worker = this.pool.withRoom();
      if (worker === undefined) return;
      this.#run(this.#take(), worker);
    }
  }

  #run(prediction: Prediction, worker: WorkerProcess): void {
    worker.run(prediction);
    this.metrics.startRun();
  }

  /** Gives every idle worker a batch, or a little time for more to come. */
  #runBatches(): void {
    clearTimeout(this.#window);
    while (this.#queue.length > 0) {
      const now = performance.now();
      // Also while all are busy: who waits then and who is being answered will ask at one time.
      this.#batcher.outstanding(this.#queue.rows + this.metrics.running, now);
      const worker = this.pool.withRoom();
      if (worker === undefined) return;
      const oldestAt = (this.#queue.first as Prediction).admittedAt;
      const waitMs = this.#batcher.waitMs(this.#queue.rows, oldestAt, worker.idleSince, now);
      if (waitMs > 0) {
        this.#window = setTimeout(() => this.#runBatches(), waitMs);
        return;
      }
      this.#runBatch(worker);
    }
  }

  #runBatch(worker: WorkerProcess): void {
    const batch: Prediction[] = [];
    let rows = 0;
    do {
      const prediction = this.#take();
      batch.push(prediction);
      rows += prediction.rows;
    } while (this.#queue.length > 0 && rows + (this.#queue.first as Prediction).rows <= this.#batcher.limitRows);
    const shared = { rows, members: batch, unfinished: batch.length };
    for (const prediction of batch) {
      prediction.batch = shared;
      this.metrics.startRun();
    }
    this.metrics.batched(rows);
    worker.runBatch(batch);
  }

  /** The call of a batch has ended when its last request has. */
  #leaveBatch({ batch }: Prediction, serviceMs: number): void {
    if (batch === undefined) return;
    batch.unfinished -= 1;
    if (batch.unfinished === 0) this.#batcher.served(batch.rows, serviceMs);
  }

  #take(): Prediction {
    const prediction = this.#queue.take() as Prediction;
    this.metrics.leaveQueue();
    return prediction;
  }

  #enqueue(prediction: Prediction): void {
    const reason = this.#isHopeless(prediction) ? 'deadline' : this.#queue.offer(prediction);
    if (reason !== undefined) {
      this.metrics.shed(reason);
      throw Errors.overloaded(this.#explain(reason), this.#retryAfterSeconds());
    }
    this.metrics.enterQueue();
  }

  /** It would come to a worker after its deadline: its caller had better know at once, and ask elsewhere. */
  #isHopeless({ deadlineAt }: Prediction): boolean {
    return this.metrics.hasServed && performance.now() + this.#waitMs > deadlineAt;
  }

  /** About how long those that wait will take, at the pace of late. */
  get #waitMs(): number {
    return (this.#queue.length * this.metrics.meanServiceMs) / this.pool.capacity;
  }

  #setAlarm(prediction: Prediction): void {
    prediction.alarm = this.deadlines.at(prediction.deadlineAt, () => this.#expire(prediction));
  }

  #expire(prediction: Prediction): void {
    if (!prediction.isSettled) prediction.fail(Errors.deadlineExceeded(whereIs(prediction), prediction.excuse));
    this.#leaveQueue(prediction);
    const { holder } = prediction;
    if (holder === undefined) return;
    holder.cancel(prediction);
    // A caller in a hurry is no reason to kill, nor is one whose batch others still wait for: the worker has as long as
    // any request.
    const waiting = prediction.batch?.members.filter(({ isSettled }) => !isSettled) ?? [];
    const limits = [prediction, ...waiting].map(({ limitAt }) => limitAt);
    const killAt = Math.max(performance.now(), ...limits) + GRACE_MS;
    prediction.alarm = this.deadlines.at(killAt, () => holder.kill('hung'));
  }

  #leaveQueue(prediction: Prediction): void {
    if (prediction.place !== 'queue') return;
    this.#queue.remove(prediction);
    prediction.alarm?.cancel();
    this.metrics.leaveQueue();
  }

  #explain(reason: QueueBound | 'deadline'): string {
    const { queueRequests, queueBytes } = this.limits;
    if (reason === 'deadline')
      return `${this.#queue.length} requests are waiting already: the deadline would pass before this one's turn.`;
    if (reason === 'queue_requests') return `${queueRequests} requests are waiting already, the most this API allows.`;
    return `The waiting requests would be larger than ${queueBytes} bytes, the most this API allows.`;
  }

  /** About when half of those waiting will have been served. */
  #retryAfterSeconds(): number {
    const seconds = this.#waitMs / 2_000;
    return Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(seconds)));
  }
}

function whereIs(prediction: Prediction): string {
  if (prediction.place === 'queue') return 'while it waited for a worker';
  return prediction.isStreaming ? 'while the handler was streaming' : 'while the handler was running';
}
