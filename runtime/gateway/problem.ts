/**
 * Turns a failure into its response, an RFC 9457 problem document: the only place that does, save where a protocol
 * fixes its own form.
 */
import type { Answer } from './answer';
import { Errors, FAILURES, ServingError } from './errors';

export const PROBLEM_TYPE = 'application/problem+json';

export function problem(error: ServingError, requestId: string): Answer {
  const { status } = FAILURES[error.code];
  const { headers } = error.details;
  return { status, contentType: PROBLEM_TYPE, body: problemDocument(error, requestId), headers, error };
}

/** The document alone, as JSON, for where a status can be sent no more. */
export function problemDocument(error: ServingError, requestId: string): string {
  const { status, title, retryable } = FAILURES[error.code];
  const document = { type: 'about:blank', title, status, detail: error.message, code: error.code, retryable };
  const { errors, unready } = error.details;
  return JSON.stringify({ ...document, request_id: requestId, errors, ...unready });
}

/** Whatever was thrown, as one of the closed list: what is not from the list is a defect of ours. */
export function asServingError(thrown: unknown): ServingError {
  return thrown instanceof ServingError ? thrown : Object.assign(Errors.internal(), { cause: thrown });
}
