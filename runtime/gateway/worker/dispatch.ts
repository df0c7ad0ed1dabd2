/**
 * Which frame goes where: a prediction becomes a REQUEST, several a BATCH, and a RESULT, CHUNK, ERROR or LOG finds its
 * prediction again. It holds what one worker is running and promises that each is released exactly once; it does not
 * know how workers live.
 */
import type { Failure } from '../../contract/handler';
import { Errors, type ServingError } from '../errors';
import type { WorkerMetric } from '../handler-metrics';
import { PassingMap } from '../passing-map';
import type { Holder, Input, Prediction } from '../prediction';
import type { Connection } from './connection';
import { durationMs, Flag, type Frame, FrameType, ProtocolError, STREAM_CREDIT } from './frames';

const LARGEST_ID = 0xffff_ffff;

const CREDIT_AT_A_TIME = STREAM_CREDIT / 2;

/** Of large pieces a worker has fewer under way, 1 MiB at most: it must have credit long before it has used that up. */
const CREDIT_AT_BYTES = 256 * 1024;

export interface DispatchEvents {
  /** A prediction has left the worker, whose place is free. */
  released(prediction: Prediction): void;
  /** The worker died before it had begun these, in the order in which they came. */
  returned(predictions: readonly Prediction[]): void;
  printed(line: PrintedLine, prediction?: Prediction): void;
  /** What the handler counted and measured since it last said so. */
  measured(metrics: readonly WorkerMetric[]): void;
}

/** A LOG frame: what the handler printed or logged. */
export interface PrintedLine {
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly msg: string;
}

export class Dispatch {
  readonly #running = new PassingMap<number, Prediction>();
  /** How long the last call took; of a batch, the whole of it. */
  lastServiceMs = 0;
  #lastId = 0;

  constructor(
    private readonly connection: Connection,
    /** Who is told; of samples that warm a worker up, somebody else than of requests. */
    public events: DispatchEvents,
  ) {}

  get running(): number {
    return this.#running.size;
  }

  run(prediction: Prediction, holder: Holder): void {
    // 0 means "no request" in a LOG frame and in the mark.
    this.#lastId = (this.#lastId % LARGEST_ID) + 1;
    this.#running.set(this.#lastId, prediction);
    prediction.start(holder, this.#lastId);
    this.connection.sendRequest(this.#lastId, flagsOf(prediction.input), prediction.context, prediction.body);
  }

  /** One call of predict_batch for all of them. */
  runBatch(predictions: readonly Prediction[], holder: Holder): void {
    if (predictions.length > 1) this.connection.send(FrameType.BATCH, 0, predictions.length);
    for (const prediction of predictions) this.run(prediction, holder);
  }

  cancel({ frameId }: Prediction): void {
    this.connection.send(FrameType.CANCEL, frameId);
  }

  receive(frame: Frame): void {
    const { type, id, body } = frame;
    if (type === FrameType.RESULT) this.#succeed(frame);
    else if (type === FrameType.CHUNK) this.#stream(frame);
    else if (type === FrameType.END) this.#release(frame).end();
    else if (type === FrameType.ERROR) this.#fail(frame, readJson<Failure>(body));
    else if (type === FrameType.LOG) this.events.printed(readJson<PrintedLine>(body), this.#running.get(id));
    else if (type === FrameType.METRIC) this.events.measured(readJson<WorkerMetric[]>(body));
    else throw new ProtocolError(`a worker does not send frames of type ${type}`);
  }

  /** The worker is dead: what it had not begun is given back once, all at a time; the rest fails. */
  abandon(how: string, hadBegun: (id: number) => boolean): void {
    const lost = [...this.#running];
    this.#running.clear();
    const isUnbegun = (id: number, { wasReturned, isSettled }: Prediction) =>
      !hadBegun(id) && !wasReturned && !isSettled;
    const unbegun = lost.filter(([id, prediction]) => isUnbegun(id, prediction)).map(([, prediction]) => prediction);
    for (const [, prediction] of lost) prediction.release();
    this.events.returned(unbegun);
    const given = new Set(unbegun);
    for (const [, prediction] of lost.filter(([, one]) => !given.has(one))) {
      this.events.released(prediction);
      prediction.fail(Errors.workerDied(how));
    }
  }

  #succeed(frame: Frame): void {
    const kind = (frame.flags & Flag.PACKED) === 0 ? 'json' : 'packed';
    this.#release(frame).succeed({ kind, body: frame.body });
  }

  #fail(frame: Frame, failure: Failure): void {
    this.#release(frame).fail(servingError(failure));
  }

  #stream({ id, flags, body }: Frame): void {
    const prediction = this.#find(id);
    prediction.piece(body, (flags & Flag.BYTES) !== 0, () => this.#credit(id, prediction, body.length));
  }

  /** Several pieces at a time: most streams end before they need any credit, and each frame wakes the worker. */
  #credit(id: number, prediction: Prediction, bytes: number): void {
    prediction.takenPieces += 1;
    prediction.takenBytes += bytes;
    if (prediction.takenPieces < CREDIT_AT_A_TIME && prediction.takenBytes < CREDIT_AT_BYTES) return;
    if (this.#running.get(id) === prediction) this.connection.send(FrameType.CREDIT, id, prediction.takenPieces);
    prediction.takenPieces = 0;
    prediction.takenBytes = 0;
  }

  #release({ id, n }: Frame): Prediction {
    const prediction = this.#find(id);
    const serviceMs = durationMs(n);
    this.#running.delete(id);
    prediction.release(serviceMs);
    this.lastServiceMs = serviceMs ?? prediction.predictMs;
    this.events.released(prediction);
    return prediction;
  }

  #find(id: number): Prediction {
    const prediction = this.#running.get(id);
    if (prediction === undefined) throw new ProtocolError(`the worker answered ${id}, which it was not running`);
    return prediction;
  }
}

const flagsOf = ({ isPacked, takesPacked, rows }: Input): number =>
  (isPacked ? Flag.PACKED : 0) | (takesPacked ? Flag.ARRAYS : 0) | (rows === undefined ? 0 : Flag.ROWS);

function servingError(failure: Failure): ServingError {
  const { kind, message, errors = [{ path: '$', message }] } = failure;
  if (kind === 'input') return Errors.invalidInput(errors);
  return kind === 'result' ? Errors.invalidResult(failure) : Errors.handlerError(failure);
}

export function readJson<T>(body: Buffer): T {
  try {
    return JSON.parse(body.toString('utf8')) as T;
  } catch {
    throw new ProtocolError('a frame that carries JSON did not');
  }
}
