/**
 * Cross-origin resource sharing: which pages of other origins a browser lets call this API, and what it lets them send
 * and read. It says so on every answer, and answers what a browser asks before the call. It never allows credentials:
 * keys are headers that a page sends itself, and cookies mean nothing here.
 */
import type { Cors as CorsConfig } from '../contract/manifest';
import type { Answer } from './answer';
import type { Call } from './call';

/** What callers of any protocol here send; the names that are always allowed need no permission. */
const ALLOWED_HEADERS = [
  'Accept',
  'Accept-Language',
  'Content-Language',
  'Content-Type',
  'Content-Encoding',
  'User-Agent',
  'Authorization',
  'X-Api-Key',
  'X-Request-Id',
  'X-Model-Api-Timeout-Ms',
  'Inference-Header-Content-Length',
  'traceparent',
  'tracestate',
];

/**
 * What OpenAI's client for browsers sends beside those: the organization and project that it was given, and a family of
 * headers about itself that grows with its versions. A page that may send a key may send these; nobody here reads them.
 */
const CLIENT_HEADER = /^(?:openai|x-stainless)-[a-z0-9-]+$/i;

/** What a page may read of an answer beside its body and its safelisted headers. */
const EXPOSED_HEADERS = 'X-Request-Id, Server-Timing, Retry-After, Inference-Header-Content-Length';

/** A permission that is taken back is forgotten after ten minutes; browsers without a number ask every five seconds. */
const MAX_AGE_SECONDS = 600;

export class Cors {
  readonly #allowsAll: boolean;
  readonly #origins: ReadonlySet<string>;
  readonly #allowedHeaders: readonly string[];
  readonly #maxAge: string;

  constructor({ allowOrigins, allowHeaders = [], maxAgeSeconds = MAX_AGE_SECONDS }: CorsConfig) {
    this.#allowsAll = allowOrigins.includes('*');
    this.#origins = new Set(allowOrigins);
    this.#allowedHeaders = [...ALLOWED_HEADERS, ...allowHeaders];
    this.#maxAge = String(maxAgeSeconds);
  }

  /** For every answer, whatever it is: a page that may call may also read why it failed. */
  headersFor(call: Call): Readonly<Record<string, string>> {
    if (this.#allowsAll)
      return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': EXPOSED_HEADERS };
    const origin = call.header('origin');
    // Caches must not give one origin's answer to another, be it one that has no permission.
    if (origin === undefined || !this.#origins.has(origin)) return { Vary: 'Origin' };
    return {
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers': EXPOSED_HEADERS,
      Vary: 'Origin',
    };
  }

  /** Any other OPTIONS request is a method like others. */
  isPreflight(call: Call): boolean {
    const wanted = call.header('access-control-request-method');
    return call.method === 'OPTIONS' && call.header('origin') !== undefined && wanted !== undefined;
  }

  /** A browser compares the answer with what it is about to send. To other origins it says nothing, which refuses them. */
  preflight(call: Call, methods: readonly string[]): Answer {
    const isAllowed = 'Access-Control-Allow-Origin' in this.headersFor(call);
    const permission = {
      'Access-Control-Allow-Methods': methods.join(', '),
      'Access-Control-Allow-Headers': [...this.#allowedHeaders, ...clientHeaders(call)].join(', '),
      'Access-Control-Max-Age': this.#maxAge,
    };
    return { status: 204, contentType: '', body: '', headers: isAllowed ? permission : {} };
  }
}

/** Of those that the page is about to send, by their names: a family has no other way to be allowed beside a key. */
function clientHeaders(call: Call): string[] {
  const wanted = call.header('access-control-request-headers')?.split(',') ?? [];
  return wanted.map((name) => name.trim()).filter((name) => CLIENT_HEADER.test(name));
}
