/**
 * The closed list of failures that a caller can see. Each has a stable code, a status and whether the same request may
 * succeed later; stages throw them where the fact is known. Nothing here writes a response: `problem.ts` does.
 */
import type { Failure } from '../contract/handler';

export const FAILURES = {
  bad_request: { status: 400, title: 'Malformed HTTP request', retryable: false },
  invalid_json: { status: 400, title: 'The body is not JSON', retryable: false },
  unauthenticated: { status: 401, title: 'A valid API key is needed', retryable: false },
  not_found: { status: 404, title: 'Not found', retryable: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', retryable: false },
  request_timeout: { status: 408, title: 'The request came too slowly', retryable: true },
  payload_too_large: { status: 413, title: 'The body is too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'Unsupported media type', retryable: false },
  invalid_input: { status: 422, title: 'The input does not fit the handler', retryable: false },
  headers_too_large: { status: 431, title: 'The headers are too large', retryable: false },
  // Nobody reads this one: the caller has gone. The log does.
  disconnected: { status: 499, title: 'The caller closed the connection', retryable: false },
  handler_error: { status: 500, title: 'The handler raised an error', retryable: false },
  invalid_result: { status: 500, title: 'The handler returned something that is not JSON', retryable: false },
  internal: { status: 500, title: 'Internal error', retryable: false },
  worker_died: { status: 502, title: 'The worker died', retryable: true },
  not_ready: { status: 503, title: 'Not ready', retryable: true },
  overloaded: { status: 503, title: 'Overloaded', retryable: true },
  deadline_exceeded: { status: 504, title: 'The deadline has passed', retryable: true },
} as const;

export type ErrorCode = keyof typeof FAILURES;

/** One thing wrong with the input, and where: `$.features[0]`. */
export interface InputError {
  readonly path: string;
  readonly message: string;
}

/**
 * Why a failure is none of the server's, whatever its status: its queue was full, which has a count of its own; nothing was
 * loaded yet, and no load balancer sends requests before; or what the caller sent decided, and how long it took as well.
 */
export type Excuse = 'shed' | 'loading' | 'caller';

/** Why a load balancer should send nothing here, in words for programs; the detail says the same to people. */
export interface Unready {
  readonly reason: 'loading' | 'warming' | 'replacing' | 'crash_loop' | 'draining' | 'keys';
  /** Since when: ISO 8601. */
  readonly since?: string;
  /** What went wrong last, without what it said: the log has that, and this may be read by anybody. */
  readonly last_error?: { readonly type: string; readonly file?: string; readonly line?: number };
}

interface Details {
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly InputError[];
  /** Why it is not ready. */
  readonly unready?: Unready;
  readonly excuse?: Excuse;
  /** For the log alone: what Python said. */
  readonly failure?: Failure;
}

export class ServingError extends Error {
  constructor(
    readonly code: ErrorCode,
    detail: string,
    readonly details: Details = {},
  ) {
    const { stackTraceLimit } = Error;
    // Where it was thrown is known by its code, and to refuse a request must cost less than to answer it.
    Error.stackTraceLimit = 0;
    super(detail);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** What a caller sent, short enough for a sentence and for the log. */
export const shown = (text: string, longest = 256): string =>
  text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

/** Of all that is wrong with an input; each has its own entry for the caller. */
const LONGEST_SUMMARY = 4_096;

const summary = (errors: readonly InputError[]) =>
  shown(errors.map(({ path, message }) => `${path}: ${message}`).join('; '), LONGEST_SUMMARY);

const retryAfter = (seconds: number) => ({ headers: { 'Retry-After': String(seconds) } });

const UNREADY_RETRY_SECONDS = 2;

export const Errors = {
  badRequest: (detail: string) => new ServingError('bad_request', detail),
  invalidTimeout: (value: string) =>
    new ServingError(
      'bad_request',
      `X-Model-Api-Timeout-Ms must be a whole number of milliseconds from 1 up, got '${shown(value)}'.`,
    ),
  invalidJson: (detail: string) => new ServingError('invalid_json', detail),
  unauthenticated: (detail: string) =>
    new ServingError('unauthenticated', detail, {
      headers: { 'WWW-Authenticate': 'ApiKey, Bearer' },
      excuse: 'caller',
    }),
  /** The same key may be a good one; only whoever has one of those counts. */
  keysUnreadable: () =>
    new ServingError('not_ready', 'The key is unknown so far, and the API keys cannot be read at the moment.', {
      ...retryAfter(UNREADY_RETRY_SECONDS),
      excuse: 'caller',
    }),
  tooManyUnknownKeys: () =>
    new ServingError('overloaded', 'Too many requests with unknown keys wait for the API keys to be read.', {
      ...retryAfter(UNREADY_RETRY_SECONDS),
      excuse: 'caller',
    }),
  notFound: (path: string) => new ServingError('not_found', `There is nothing at ${shown(path)}.`),
  methodNotAllowed: (method: string, path: string, allow: string) =>
    new ServingError('method_not_allowed', `${shown(path)} does not answer ${method}, only ${allow}.`, {
      headers: { Allow: allow },
    }),
  requestTimeout: () => new ServingError('request_timeout', 'The request did not arrive in time.'),
  payloadTooLarge: (maxBytes: number, coding?: string) =>
    new ServingError(
      'payload_too_large',
      `The body is larger than ${maxBytes} bytes${coding === undefined ? '' : ` once its ${coding} is undone`}.`,
    ),
  unsupportedEncoding: (coding: string, accepted: string) =>
    new ServingError(
      'unsupported_media_type',
      `Content-Encoding ${shown(coding)} is not supported; send ${accepted.replace(', ', ' or ')}, or the bare body.`,
      { headers: { 'Accept-Encoding': accepted } },
    ),
  unsupportedMediaType: (detail: string) => new ServingError('unsupported_media_type', detail),
  invalidInput: (errors: readonly InputError[]) => new ServingError('invalid_input', summary(errors), { errors }),
  headersTooLarge: () => new ServingError('headers_too_large', 'The headers are larger than 16 KiB.'),
  tooManyHeaders: (most: number) => new ServingError('headers_too_large', `There are more than ${most} headers.`),
  handlerError: (failure: Failure) =>
    new ServingError('handler_error', 'The handler raised an error; its traceback is in the log.', { failure }),
  resultTooLarge: (detail: string) => new ServingError('invalid_result', detail),
  invalidResult: (failure: Failure) => new ServingError('invalid_result', failure.message, { failure }),
  disconnected: () => new ServingError('disconnected', 'The caller closed the connection before the answer.'),
  internal: () => new ServingError('internal', 'The gateway failed; the log says why.'),
  workerDied: (how: string) => new ServingError('worker_died', `The worker running this request ${how}.`),
  /** Before the first load. */
  loading: (reason: string) =>
    new ServingError('not_ready', reason, { ...retryAfter(UNREADY_RETRY_SECONDS), excuse: 'loading' }),
  /** After it. */
  notReady: (reason: string, unready?: Unready) =>
    new ServingError('not_ready', reason, { ...retryAfter(UNREADY_RETRY_SECONDS), unready }),
  tooManyBodies: () =>
    new ServingError('overloaded', 'Too many bytes of other requests are still coming.', {
      ...retryAfter(UNREADY_RETRY_SECONDS),
      excuse: 'shed',
    }),
  overloaded: (detail: string, seconds: number) =>
    new ServingError('overloaded', detail, { ...retryAfter(seconds), excuse: 'shed' }),
  tooManyConnections: (most: number) =>
    new ServingError('overloaded', `${most} connections are open already, the most this server holds.`, {
      excuse: 'caller',
    }),
  deadlineExceeded: (where: string, excuse?: Excuse) =>
    new ServingError('deadline_exceeded', `The deadline passed ${where}.`, { excuse }),
} as const;
