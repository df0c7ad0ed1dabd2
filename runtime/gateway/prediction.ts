/**
 * The one internal request: an input, a deadline and a place for the answer. Every protocol makes these and every stage
 * passes them on; it knows neither HTTP nor workers.
 */
import type { Alarm } from './deadline';
import { Deferred } from './deferred';
import type { Excuse, ServingError } from './errors';

/** Where it is. A worker may still hold a prediction whose caller has had an answer or has gone. */
export type Place = 'outside' | 'queue' | 'worker';

/** The worker that holds it. */
export interface Holder {
  /** Asks the worker to stop working on it. */
  cancel(prediction: Prediction): void;
  kill(reason: 'hung'): void;
}

export class Prediction {
  place: Place = 'outside';
  holder?: Holder;
  /** Rings at the deadline; cancelled when nobody holds the prediction any more. */
  alarm?: Alarm;
  /** It was handed to a worker that died without having read it; that happens once. */
  wasReturned = false;
  /** How long a worker held it, whether or not its answer was still wanted; known once released. */
  heldMs = 0;
  /** On the clock of `performance.now()`. */
  readonly admittedAt = performance.now();
  readonly #answer = new Deferred<Buffer>();
  #startedAt?: number;
  #endedAt?: number;
  #settled = false;

  constructor(
    readonly requestId: string,
    /** The JSON object as it came, which the worker reads with its own eyes. */
    readonly body: Buffer,
    /** Until when the caller waits, on the clock of `performance.now()`. */
    readonly deadlineAt: number,
    /** Until when the API lets any request run: the caller may have shortened that. */
    readonly limitAt = deadlineAt,
  ) {}

  /** Of a deadline that passes. */
  get excuse(): Excuse | undefined {
    return this.deadlineAt < this.limitAt ? 'caller' : undefined;
  }

  get answer(): Promise<Buffer> {
    return this.#answer.promise;
  }

  start(holder: Holder): void {
    this.place = 'worker';
    this.holder = holder;
    this.#startedAt = performance.now();
    this.#endedAt = undefined;
  }

  /** No worker holds it any more. */
  release(): void {
    this.place = 'outside';
    this.holder = undefined;
    const now = performance.now();
    this.heldMs = now - (this.#startedAt ?? now);
    this.#endedAt ??= now;
    this.alarm?.cancel();
  }

  succeed(body: Buffer): void {
    this.#settle();
    this.#answer.resolve(body);
  }

  fail(error: ServingError): void {
    this.#settle();
    this.#answer.reject(error);
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  /** Whether it has come to a worker. */
  get wasStarted(): boolean {
    return this.#startedAt !== undefined;
  }

  get queueMs(): number {
    return (this.#startedAt ?? this.#endedAt ?? performance.now()) - this.admittedAt;
  }

  /** Until the answer, or the moment its caller stopped waiting. */
  get predictMs(): number {
    return this.#startedAt === undefined ? 0 : (this.#endedAt ?? performance.now()) - this.#startedAt;
  }

  #settle(): void {
    this.#settled = true;
    this.#endedAt ??= performance.now();
  }
}
