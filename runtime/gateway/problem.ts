/**
 * Turns a failure into its response, an RFC 9457 problem document: the only place that does, save where a protocol
 * fixes its own form.
 */
import type { Answer } from './answer';
import { Errors, FAILURES, ServingError } from './errors';

export const PROBLEM_TYPE = 'application/problem+json';

export function problem(error: ServingError, requestId: string): Answer {
  const { status, title, retryable } = FAILURES[error.code];
  const { headers, errors, unready } = error.details;
  const document = { type: 'about:blank', title, status, detail: error.message, code: error.code, retryable };
  const body = JSON.stringify({ ...document, request_id: requestId, errors, ...unready });
  return { status, contentType: PROBLEM_TYPE, body, headers, error };
}

/** Whatever was thrown, as one of the closed list: what is not from the list is a defect of ours. */
export function asServingError(thrown: unknown): ServingError {
  return thrown instanceof ServingError ? thrown : Object.assign(Errors.internal(), { cause: thrown });
}
