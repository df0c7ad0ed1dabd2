/**
 * One HTTP request as the routes see it: its identity, its times, its body within a limit, and whether the caller is
 * still there. It does not write the answer.
 */
import { randomUUID } from 'node:crypto';
import type { Answer } from './answer';
import { BodyBytes } from './body-bytes';
import { Errors, type ServingError } from './errors';
import type { Exchange } from './exchange';
import { asciiJson } from './json-string';
import type { Prediction } from './prediction';
import { problem } from './problem';
import { serverTiming } from './server-timing';
import { type Sampler, Trace } from './trace';

/** Turns a failure into its response, in a protocol's own form. */
export type ProblemForm = (error: ServingError, requestId: string) => Answer;

const NO_PARAMETERS: Readonly<Record<string, string>> = {};

export class Call {
  readonly arrivedAt = performance.now();
  /** When the last byte of the body came. */
  receivedAt = this.arrivedAt;
  /** When the first byte of the answer went. */
  answeredAt?: number;
  bytesIn = 0;
  bytesOut = 0;
  /** Without the query. */
  readonly path: string;
  readonly requestId: string;
  readonly trace: Trace;
  /** The route that matched, for logs. */
  route?: string;
  /** What stands in the path where the route has a name. */
  params = NO_PARAMETERS;
  /** How its failures are written. */
  problem: ProblemForm = problem;
  /** Whose key let it in, where keys are asked for. */
  keyId?: string;
  /** Routes that probes ask every few seconds; their successes are not worth a line or a count. */
  isProbe = false;
  prediction?: Prediction;
  /** Why the body will not come to its end, when its connection closes for another reason than that its caller went. */
  lostBy?: ServingError;

  constructor(
    private readonly exchange: Exchange,
    sampler?: Sampler,
  ) {
    this.path = pathOf(exchange.target);
    this.requestId = requestIdOf(this.header('x-request-id'));
    this.trace = new Trace(this.header('traceparent'), this.header('tracestate'), sampler);
  }

  get method(): string {
    return this.exchange.method;
  }

  /** HTTP/1.0 came without it. */
  get hasHost(): boolean {
    return this.header('host') !== undefined || this.exchange.httpVersion !== '1.1';
  }

  /** Whether its last byte has come. */
  get isWhole(): boolean {
    return this.exchange.isWhole;
  }

  header(name: string): string | undefined {
    return this.exchange.header(name);
  }

  /** What the handler may ask for, as a JSON object. */
  get context(): string {
    const { traceparent, tracestate } = this.trace;
    return asciiJson({ request_id: this.requestId, traceparent, tracestate });
  }

  /** How long it has waited and run so far, for the `Server-Timing` header: of a deadline that passed, too. */
  get serverTiming(): string {
    const { queueMs, predictMs, batch, isStreaming } = this.prediction ?? {};
    const totalMs = performance.now() - this.arrivedAt;
    // A stream's answer begins with its first item.
    const times = isStreaming ? { firstItemMs: predictMs } : { predictMs };
    return serverTiming({ totalMs, queueMs, ...times, batch: batch?.rows });
  }

  /** Refuses a body that says it is too large before a byte of it is read, and any other as soon as it is. */
  readBody(maxBytes: number): Promise<Buffer> {
    const { exchange } = this;
    // Whoever went while it was waited for said so already.
    if (exchange.isBroken) return Promise.reject(this.#loss);
    if (Number(this.header('content-length') ?? 0) > maxBytes) return Promise.reject(Errors.payloadTooLarge(maxBytes));
    exchange.proceed();
    return new Promise((resolve, reject) => this.#collect(maxBytes, resolve, reject));
  }

  /** Calls back when the caller goes before the answer has been written. */
  onDisconnect(callback: () => void): void {
    this.exchange.onDisconnect(callback);
  }

  #bodyFault(bytes: BodyBytes, piece: Buffer, maxBytes: number): ServingError | undefined {
    if (this.bytesIn > maxBytes) return Errors.payloadTooLarge(maxBytes);
    return bytes.hasRoomFor(piece.length) ? undefined : Errors.tooManyBodies();
  }

  get #loss(): ServingError {
    return this.lostBy ?? Errors.disconnected();
  }

  #collect(maxBytes: number, resolve: (body: Buffer) => void, reject: (error: Error) => void): void {
    const bytes = new BodyBytes();
    let isRefused = false;
    const take = (piece: Buffer) => {
      this.bytesIn += piece.length;
      if (isRefused) return;
      const fault = this.#bodyFault(bytes, piece, maxBytes);
      if (fault === undefined) return bytes.add(piece);
      // What still comes is thrown away, so that the caller reads the answer instead of a reset.
      isRefused = true;
      bytes.clear();
      return reject(fault);
    };
    const end = () => {
      this.receivedAt = performance.now();
      resolve(bytes.joined());
    };
    const lose = () => {
      bytes.clear();
      reject(this.#loss);
    };
    this.exchange.onBody(take, end, lose);
  }
}

/** A proxy's request names the whole URL (RFC 9112, 3.2.2); the path of both forms is the same. */
function pathOf(target: string): string {
  const withoutOrigin = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '');
  return withoutOrigin.split('?', 1)[0] || '/';
}

/** Anything else would be a way to write into logs and headers. */
const VISIBLE_ASCII = /^[\x21-\x7e]{1,128}$/;

function requestIdOf(header: string | undefined): string {
  return header !== undefined && VISIBLE_ASCII.test(header) ? header : randomUUID();
}
