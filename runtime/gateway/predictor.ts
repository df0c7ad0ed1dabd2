/**
 * A prediction on behalf of a call, whatever protocol it came by: its deadline, its admission, and that nobody works for
 * a caller that has gone. Protocols bring the input in the handler's terms and take the output back into their own.
 */
import type { Admission } from './admit';
import type { Call } from './call';
import { Errors, type ServingError } from './errors';
import type { Model } from './model';
import { type Deadline, type Input, type Output, Prediction, type WholeOutput } from './prediction';
import type { WorkerPool } from './worker/pool';

export interface PredictorLimits {
  readonly requestTimeoutMs: number;
}

export class Predictor {
  constructor(
    private readonly limits: PredictorLimits,
    private readonly pool: WorkerPool,
    private readonly admission: Admission,
  ) {}

  /** What is loaded; undefined before the first load, when every prediction is refused. */
  get model(): Model | undefined {
    return this.pool.model;
  }

  /** For a protocol that has to know the handler before it can read a request. */
  loadedModel(): Model {
    this.admission.refuseUnlessServing();
    return this.model as Model;
  }

  /** Refuses a value that does not fit the handler; one that nothing is known of yet is refused by admission. */
  check(value: unknown, bytes: number): void {
    const errors = this.model?.check(value, bytes) ?? [];
    if (errors.length > 0) throw Errors.invalidInput(errors);
  }

  predict(call: Call, input: Input): Promise<Output> {
    const prediction = new Prediction(call.requestId, call.context, input, this.deadlineOf(call));
    call.prediction = prediction;
    this.admission.admit(prediction);
    call.onDisconnect(() => this.admission.forget(prediction));
    return prediction.answer;
  }

  /** For an answer that has no form for a stream, which no hint may have announced: nobody reads it, so it is stopped. */
  async predictWhole(call: Call, input: Input, refusal: () => ServingError): Promise<WholeOutput> {
    const output = await this.predict(call, input);
    if (output.kind !== 'stream') return output;
    this.forget(call);
    throw refusal();
  }

  /** The answer that is being written is no longer wanted: its stream would wait for its reader. */
  forget(call: Call): void {
    if (call.prediction !== undefined) this.admission.forget(call.prediction);
  }

  /** The caller may shorten the deadline, not lengthen it; a malformed wish is refused before the input is looked at. */
  deadlineOf(call: Call): Deadline {
    const limitAt = call.arrivedAt + this.limits.requestTimeoutMs;
    return { limitAt, deadlineAt: Math.min(limitAt, call.arrivedAt + wantedMs(call)) };
  }
}

function wantedMs(call: Call): number {
  const wanted = call.header('x-model-api-timeout-ms');
  if (wanted === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,14}$/.test(wanted)) throw Errors.invalidTimeout(wanted);
  return Number(wanted);
}
