/** Turns what the worker says about a handler that cannot be loaded into the failure that the user reads. */
import { isAbsolute, join } from 'node:path';
import type { Failure } from '../../runtime/contract/handler';
import { CommandFailure, EXIT } from '../failure';
import type { ModelDirectory } from '../model-directory';

export function loadFailure(model: ModelDirectory, failure: Failure): CommandFailure {
  const { type, message, traceback, file, line, hint } = failure;
  const reason = message ? `${type}: ${message}` : type;
  return new CommandFailure('load_failed', EXIT.handlerNotLoaded, `${model.entry} cannot be loaded: ${reason}`, {
    evidence: traceback,
    file: file && !isAbsolute(file) ? join(model.path, file) : file,
    line,
    hint,
  });
}
