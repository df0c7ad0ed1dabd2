/** The handler could not be loaded, or could not answer its samples; `failure` says why in the user's terms. */
import type { Failure } from '../../contract/handler';

export class LoadError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}
