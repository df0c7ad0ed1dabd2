/**
 * The one internal request: an input, a deadline and a place for the answer. Every protocol makes these and every stage
 * passes them on; it knows neither HTTP nor workers.
 */
import type { Alarm } from './deadline';
import { Deferred } from './deferred';
import type { Excuse, ServingError } from './errors';
import { OutputStream } from './output-stream';

/** What the handler is given: JSON as it came, which the worker reads with its own eyes, or packed arrays. */
export interface Input {
  readonly body: Buffer;
  /** The body is packed arrays (`packed.ts`) and not JSON. */
  readonly isPacked?: boolean;
  /** The output may be packed too. */
  readonly takesPacked?: boolean;
  /** How many rows of a batch its arrays are; left out, it is one item. */
  readonly rows?: number;
}

/** What the handler returned, as a whole. */
export interface WholeOutput {
  readonly kind: 'json' | 'packed';
  readonly body: Buffer;
}

/** What the handler answered. */
export type Output = WholeOutput | { readonly kind: 'stream'; readonly stream: OutputStream };

/** Where it is. A worker may still hold a prediction whose caller has had an answer or has gone. */
export type Place = 'outside' | 'queue' | 'worker';

/** The worker that holds it. */
export interface Holder {
  /** Asks the worker to stop working on it. */
  cancel(prediction: Prediction): void;
  kill(reason: 'hung'): void;
}

/** Until when it may take, on the clock of `performance.now()`. */
export interface Deadline {
  /** Until when the caller waits. */
  readonly deadlineAt: number;
  /** Until when the API lets any request run: the caller may have shortened that. */
  readonly limitAt: number;
}

/** What the requests of one call of predict_batch share. */
export interface Batch {
  readonly rows: number;
  readonly members: readonly Prediction[];
  unfinished: number;
}

export class Prediction {
  place: Place = 'outside';
  holder?: Holder;
  /** Its id on the connection to the worker that holds it. */
  frameId = 0;
  /** Rings at the deadline; cancelled when nobody holds the prediction any more. */
  alarm?: Alarm;
  /** It was handed to a worker that died without having begun it; that happens once. */
  wasReturned = false;
  /** Of its stream, what was passed on and is not credited to the worker yet. */
  takenPieces = 0;
  takenBytes = 0;
  /** The call of predict_batch that it is a part of. */
  batch?: Batch;
  readonly deadlineAt: number;
  readonly limitAt: number;
  readonly #answer = new Deferred<Output>();
  readonly admittedAt = performance.now();
  #stream?: OutputStream;
  #startedAt?: number;
  #endedAt?: number;
  #settled = false;

  constructor(
    readonly requestId: string,
    /** A JSON object with the request's id and trace, which the handler may ask for: visible ASCII. */
    readonly context: string,
    readonly input: Input,
    { deadlineAt, limitAt }: Deadline,
  ) {
    this.deadlineAt = deadlineAt;
    this.limitAt = limitAt;
  }

  get body(): Buffer {
    return this.input.body;
  }

  /** How much of a batch it fills. */
  get rows(): number {
    return this.input.rows ?? 1;
  }

  /** Of a deadline that passes. */
  get excuse(): Excuse | undefined {
    return this.deadlineAt < this.limitAt ? 'caller' : undefined;
  }

  /** Resolves with the whole answer, or with a stream at its first item. */
  get answer(): Promise<Output> {
    return this.#answer.promise;
  }

  start(holder: Holder, frameId: number): void {
    this.place = 'worker';
    this.holder = holder;
    this.frameId = frameId;
    this.#startedAt = performance.now();
    this.#endedAt = undefined;
  }

  /** No worker holds it any more. The last `serviceMs` were its own call; before, it waited in the worker for others. */
  release(serviceMs?: number): void {
    this.place = 'outside';
    this.holder = undefined;
    this.alarm?.cancel();
    const now = performance.now();
    this.#endedAt ??= now;
    // Of one that was cancelled its caller's waiting ended before.
    if (serviceMs !== undefined && this.#startedAt !== undefined)
      this.#startedAt = Math.max(this.#startedAt, this.#endedAt - serviceMs);
  }

  succeed(output: Output): void {
    this.#settle();
    this.#answer.resolve(output);
  }

  /** The next piece of a stream: whole lines of JSON, or bytes. `taken` is called when it has been passed on. */
  piece(bytes: Buffer, isBytes: boolean, taken: () => void): void {
    if (this.#settled) {
      taken();
      return;
    }
    if (this.#stream === undefined) {
      this.#stream = new OutputStream(isBytes);
      this.#answer.resolve({ kind: 'stream', stream: this.#stream });
    }
    this.#stream.push(bytes, taken);
  }

  /** The stream is complete; one without an item begins and ends here. */
  end(): void {
    this.#settle();
    const stream = this.#stream ?? new OutputStream(false);
    stream.end();
    this.#answer.resolve({ kind: 'stream', stream });
  }

  fail(error: ServingError): void {
    this.#settle();
    this.#stream?.end(error);
    this.#answer.reject(error);
  }

  /** It has had its whole answer. */
  get isSettled(): boolean {
    return this.#settled;
  }

  get isStreaming(): boolean {
    return this.#stream !== undefined && !this.#settled;
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
