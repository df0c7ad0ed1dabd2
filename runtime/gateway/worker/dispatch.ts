/**
 * Which frame goes where: a prediction becomes a REQUEST, and a RESULT, ERROR or LOG finds its prediction again. It
 * holds what one worker is running and promises that each is released exactly once; it does not know how workers live.
 */
import type { Failure } from '../../contract/handler';
import { Errors, type ServingError } from '../errors';
import type { Holder, Prediction } from '../prediction';
import type { Connection } from './connection';
import { type Frame, FrameType, ProtocolError } from './frames';

const LARGEST_ID = 0xffff_ffff;

export interface DispatchEvents {
  /** A prediction has left the worker, whose place is free. */
  released(prediction: Prediction): void;
  /** The worker died before it had read this one. */
  returned(prediction: Prediction): void;
  printed(line: PrintedLine, prediction?: Prediction): void;
}

/** A LOG frame: what the handler printed or logged. */
export interface PrintedLine {
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly msg: string;
}

export class Dispatch {
  readonly #running = new Map<number, Prediction>();
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
    // 0 means "no request" in a LOG frame.
    this.#lastId = (this.#lastId % LARGEST_ID) + 1;
    this.#running.set(this.#lastId, prediction);
    prediction.start(holder);
    this.connection.send(FrameType.REQUEST, this.#lastId, prediction.body);
  }

  cancel(prediction: Prediction): void {
    for (const [id, running] of this.#running) {
      if (running === prediction) this.connection.send(FrameType.CANCEL, id);
    }
  }

  receive({ type, id, body }: Frame): void {
    if (type === FrameType.RESULT) this.#release(id).succeed(body);
    else if (type === FrameType.ERROR) this.#fail(id, readJson<Failure>(body));
    else if (type === FrameType.LOG) this.events.printed(readJson<PrintedLine>(body), this.#running.get(id));
    else throw new ProtocolError(`a worker does not send frames of type ${type}`);
  }

  /** The worker is dead: what it was running fails, save a single request that it had not read yet. */
  abandon(how: string, lastFrameUnread: boolean): void {
    const givesBack = lastFrameUnread && this.#running.size === 1;
    for (const [id, prediction] of this.#running) {
      this.#release(id);
      if (givesBack && !prediction.wasReturned && !prediction.isSettled) this.events.returned(prediction);
      else prediction.fail(Errors.workerDied(how));
    }
  }

  #fail(id: number, failure: Failure): void {
    this.#release(id).fail(servingError(failure));
  }

  #release(id: number): Prediction {
    const prediction = this.#running.get(id);
    if (prediction === undefined) throw new ProtocolError(`the worker answered ${id}, which it was not running`);
    this.#running.delete(id);
    prediction.release();
    this.events.released(prediction);
    return prediction;
  }
}

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
