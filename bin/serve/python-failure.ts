/** Turns what Python said into the failure that the user reads: where in their files, in whose words, what to do. */
import { isAbsolute, join } from 'node:path';
import type { Failure } from '../../runtime/contract/handler';
import { CommandFailure, EXIT, type FailureDetails } from '../failure';
import type { ModelDirectory } from '../model-directory';

/** The handler could not be loaded, with its `config` or without one. */
export function loadFailure(model: ModelDirectory, failure: Failure, hasConfig: boolean): CommandFailure {
  const { sample } = failure;
  if (sample !== undefined) return sampleFailure(model, failure, sample);
  const message = `${model.entry} cannot be loaded: ${reasonOf(failure)}`;
  const place = placeOf(model, failure);
  const hint = !hasConfig && isAboutConfig(failure) ? [place.hint, NO_CONFIG].filter(Boolean).join('\n  ') : place.hint;
  return new CommandFailure('load_failed', EXIT.handlerNotLoaded, message, { ...place, hint });
}

/** The handler was loaded, and a sample showed that it does not work. */
function sampleFailure(model: ModelDirectory, failure: Failure, sample: string): CommandFailure {
  const place = placeOf(model, failure);
  const message = `${model.entry} cannot answer ${sample}: ${reasonOf(failure)}`;
  const hint = [
    place.hint,
    `A worker answers every sample before it takes requests, in a deployment too: mend the handler, or ${sample}.`,
  ];
  return new CommandFailure('sample_failed', EXIT.handlerNotLoaded, message, {
    ...place,
    hint: hint.filter(Boolean).join('\n  '),
  });
}

const NO_CONFIG = 'No --config was given: config is {}. Give one: --config config.json';

/** What a handler stumbles over when its config lacks what it needs, in a line that names it. */
function isAboutConfig({ type, traceback }: Failure): boolean {
  return /^(Key|Attribute|Type|Value)Error$/.test(type) && /\bconfig\b/.test(traceback);
}

/** The handler raised while it answered. */
export function callFailure(model: ModelDirectory, code: string, failure: Failure): CommandFailure {
  return new CommandFailure(code, EXIT.failed, reasonOf(failure), placeOf(model, failure));
}

/** What the gateway says of a worker that never spoke is a sentence already, and no exception of the user's. */
const WORKER_DIED = 'WorkerDied';

function reasonOf({ type, message }: Failure): string {
  if (type === WORKER_DIED) return message;
  return message ? `${type}: ${message}` : type;
}

function placeOf(model: ModelDirectory, { traceback, file, line, hint }: Failure): FailureDetails {
  const path = file && !isAbsolute(file) ? join(model.path, file) : file;
  return { evidence: traceback, file: path, line, hint };
}
