/**
 * Runs the samples through one worker before it takes traffic: a failing handler fails its load, and lazy initialisation
 * is over before a caller waits for it. What runs here reaches neither admission nor metrics; outputs are not compared.
 */
import { Errors, ServingError } from '../errors';
import { asciiJson } from '../json-string';
import { type Output, Prediction } from '../prediction';
import { misfit, type Sample, shownFile } from '../samples';
import type { DispatchEvents } from './dispatch';
import { LoadError } from './load-error';

export interface WarmUpEvents {
  /** Python refuses the sample's input, which the schema could not; `why` continues the sample's name. */
  ignored(sample: Sample, why: string): void;
  answered(sample: Sample, seconds: number): void;
}

export class WarmUp {
  /** How many samples were answered, and in which time. */
  samples = 0;
  seconds = 0;
  /** The file of the sample that is being answered. */
  current?: string;

  constructor(
    private readonly run: (prediction: Prediction) => void,
    private readonly events: WarmUpEvents,
  ) {}

  /** One after the other, as a first caller would send them. */
  async answer(samples: readonly Sample[]): Promise<void> {
    const startedAt = performance.now();
    for (const sample of samples) await this.#answerOne(sample);
    this.seconds = (performance.now() - startedAt) / 1000;
  }

  async #answerOne(sample: Sample): Promise<void> {
    this.current = shownFile(sample);
    // Prints carry it as their request's id. The load timeout is the deadline.
    const requestId = `warm-up:${sample.name}`;
    const context = asciiJson({ request_id: requestId });
    const prediction = new Prediction(requestId, context, { body: sample.body }, FOREVER);
    const startedAt = performance.now();
    this.run(prediction);
    try {
      await whole(await prediction.answer);
      this.samples += 1;
      this.events.answered(sample, (performance.now() - startedAt) / 1000);
    } catch (error) {
      this.#judge(error, sample);
    }
    this.current = undefined;
  }

  /** The worker's death is told by whoever watches it; all else is the handler's failure. */
  #judge(error: unknown, sample: Sample): void {
    if (!(error instanceof ServingError)) throw error;
    const { failure } = error.details;
    if (error.code === 'invalid_input') this.events.ignored(sample, misfit(error.message));
    else throw failure === undefined ? error : new LoadError({ ...failure, sample: shownFile(sample) });
  }
}

const FOREVER = { deadlineAt: Number.POSITIVE_INFINITY, limitAt: Number.POSITIVE_INFINITY };

/** A stream is answered when it has ended. */
function whole(output: Output): Promise<void> {
  if (output.kind !== 'stream') return Promise.resolve();
  return new Promise((resolve, reject) =>
    output.stream.read({
      piece: (_, taken) => taken(),
      end: (error) => (error === undefined ? resolve() : reject(error)),
    }),
  );
}

/** What a dispatch tells while it runs samples: what is printed and measured. */
export function unscheduled({ printed, measured }: DispatchEvents): DispatchEvents {
  return { released() {}, returned: failAll, printed, measured };
}

function failAll(predictions: readonly Prediction[]): void {
  for (const prediction of predictions) prediction.fail(Errors.workerDied('died'));
}
