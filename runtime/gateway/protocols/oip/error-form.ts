/** The one form of a failure under /v2: `{"error": string}`, and clients read it only as application/json and nothing more. */
import type { Answer } from '../../answer';
import { FAILURES, type ServingError } from '../../errors';

/** The protocol knows one status for a request that cannot be answered, whether its form is wrong or its values. */
const BAD_INPUT = 400;

export function oipError(error: ServingError): Answer {
  const { code, message, details } = error;
  const status = code === 'invalid_input' ? BAD_INPUT : FAILURES[code].status;
  const body = JSON.stringify({ error: message });
  return { status, contentType: 'application/json', body, headers: details.headers, error };
}
