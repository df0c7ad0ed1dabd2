/**
 * Failures in OpenAI's form, from which its clients make their exceptions: the class by the status, `code` and `param` as
 * they stand. What OpenAI has no code for keeps the gateway's own.
 *
 *     {"error": {"message": "…", "type": "invalid_request_error", "param": "messages", "code": null}}
 */
import type { Answer } from '../../answer';
import { type ErrorCode, FAILURES, ServingError, shown } from '../../errors';
import type { ProblemScope } from '../../route';

/** A failure that OpenAI has words of its own for. */
class OpenAiError extends ServingError {
  constructor(
    code: ErrorCode,
    detail: string,
    readonly param: string | null,
    readonly openAiCode: string | null,
  ) {
    super(code, detail);
  }
}

export const OpenAiErrors = {
  badRequest: (param: string | null, detail: string) => new OpenAiError('invalid_input', detail, param, null),
  modelNotFound: (wanted: string, name: string) =>
    new OpenAiError('not_found', `There is no model '${shown(wanted)}', only '${name}'.`, 'model', 'model_not_found'),
  undeclared: (detail: string) => new OpenAiError('not_found', detail, null, 'unknown_url'),
} as const;

/** The protocol's codes and statuses where they differ from the gateway's. */
const CODES: Partial<Record<ErrorCode, string | null>> = {
  bad_request: null,
  invalid_json: null,
  invalid_input: null,
  unauthenticated: 'invalid_api_key',
  not_found: 'unknown_url',
};

const statusOf = (code: ErrorCode) => (code === 'invalid_input' ? 400 : FAILURES[code].status);

export function openAiProblem(error: ServingError): Answer {
  const { headers } = error.details;
  const body = openAiErrorBody(error);
  return { status: statusOf(error.code), contentType: 'application/json', body, headers, error };
}

export function openAiErrorBody(error: ServingError): string {
  const type = statusOf(error.code) < 500 ? 'invalid_request_error' : 'server_error';
  return JSON.stringify({ error: { message: error.message, type, ...details(error) } });
}

function details(error: ServingError): { param: string | null; code: string | null } {
  if (error instanceof OpenAiError) return { param: error.param, code: error.openAiCode };
  const path = error.details.errors?.[0]?.path.replace(/^\$\.?/, '');
  const code = CODES[error.code];
  return { param: path || null, code: code === undefined ? error.code : code };
}

/** Also of what is not there, and of a handler that answers none of OpenAI's APIs. */
export const OPENAI_SCOPE: ProblemScope = { path: '/v1', problem: openAiProblem };

/**
 * A `ValueError` is how libraries of language models refuse a prompt, one that is too long above all: the caller's fault,
 * and in its words. Everything else that a handler raises is told to the log alone.
 */
export function refusedByHandler(thrown: unknown): unknown {
  if (!(thrown instanceof ServingError) || thrown.details.failure?.type !== 'ValueError') return thrown;
  if (thrown.code !== 'handler_error') return thrown;
  const { failure } = thrown.details;
  return new ServingError('invalid_input', failure.message, { failure });
}

export const unusableResult = (detail: string) => new ServingError('invalid_result', detail);
