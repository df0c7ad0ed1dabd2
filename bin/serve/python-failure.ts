/** Turns what Python said into the failure that the user reads: where in their files, in whose words, what to do. */
import { isAbsolute, join } from 'node:path';
import type { Failure } from '../../runtime/contract/handler';
import { CommandFailure, EXIT, type FailureDetails } from '../failure';
import type { ModelDirectory } from '../model-directory';

/** The handler could not be loaded. */
export function loadFailure(model: ModelDirectory, failure: Failure): CommandFailure {
  const message = `${model.entry} cannot be loaded: ${reasonOf(failure)}`;
  return new CommandFailure('load_failed', EXIT.handlerNotLoaded, message, placeOf(model, failure));
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
