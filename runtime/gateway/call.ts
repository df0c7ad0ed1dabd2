/**
 * One HTTP request as the routes see it: its identity, its times, its body within a limit, and whether the caller is
 * still there. It does not write the answer.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Errors, type ServingError } from './errors';
import type { Prediction } from './prediction';
import { serverTiming } from './server-timing';
import { type Sampler, Trace } from './trace';

export class Call {
  readonly arrivedAt = performance.now();
  /** When the last byte of the body came. */
  receivedAt = this.arrivedAt;
  bytesIn = 0;
  /** Without the query. */
  readonly path: string;
  readonly requestId: string;
  readonly trace: Trace;
  /** The route that matched, for logs. */
  route?: string;
  /** Whose key let it in, where keys are asked for. */
  keyId?: string;
  /** Routes that probes ask every few seconds; their successes are not worth a line or a count. */
  isProbe = false;
  prediction?: Prediction;
  /** Why the body will not come to its end, when its connection closes. */
  lostBy: ServingError = Errors.disconnected();

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly expectsContinue: boolean,
    sampler?: Sampler,
  ) {
    this.path = pathOf(request.url as string);
    this.requestId = requestIdOf(this.header('x-request-id'));
    this.trace = new Trace(this.header('traceparent'), this.header('tracestate'), sampler);
  }

  get method(): string {
    return this.request.method as string;
  }

  /** HTTP/1.0 came without it. */
  get hasHost(): boolean {
    return this.request.headers.host !== undefined || this.request.httpVersion !== '1.1';
  }

  /** Whether its last byte has come. */
  get isWhole(): boolean {
    return this.request.complete;
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** How long it has waited and run so far, for the `Server-Timing` header: of a deadline that passed, too. */
  get serverTiming(): string {
    const { queueMs, predictMs } = this.prediction ?? {};
    return serverTiming({ totalMs: performance.now() - this.arrivedAt, queueMs, predictMs });
  }

  /** Refuses a body that says it is too large before a byte of it is read, and any other as soon as it is. */
  readBody(maxBytes: number): Promise<Buffer> {
    // Whoever went while it was waited for said so already.
    if (this.request.destroyed) return Promise.reject(this.lostBy);
    if (Number(this.header('content-length') ?? 0) > maxBytes) return Promise.reject(Errors.payloadTooLarge(maxBytes));
    if (this.expectsContinue) this.response.writeContinue();
    return new Promise((resolve, reject) => this.#collect(maxBytes, resolve, reject));
  }

  /** Calls back when the caller goes before the answer has been written. */
  onDisconnect(callback: () => void): void {
    if (this.response.destroyed) callback();
    else this.response.once('close', () => !this.response.writableFinished && callback());
  }

  #collect(maxBytes: number, resolve: (body: Buffer) => void, reject: (error: Error) => void): void {
    const { request } = this;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      this.bytesIn += chunk.length;
      if (this.bytesIn <= maxBytes) return chunks.push(chunk);
      // What still comes is thrown away, so that the caller reads the answer instead of a reset.
      chunks.length = 0;
      return reject(Errors.payloadTooLarge(maxBytes));
    });
    request.once('end', () => {
      this.receivedAt = performance.now();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.once('close', () => reject(this.lostBy));
  }
}

/** A proxy's request names the whole URL (RFC 9112, 3.2.2); the path of both forms is the same. */
function pathOf(target: string): string {
  const withoutOrigin = target.replace(/^https?:\/\/[^/?]*/i, '');
  return withoutOrigin.split('?', 1)[0] || '/';
}

/** Anything else would be a way to write into logs and headers. */
const VISIBLE_ASCII = /^[\x21-\x7e]{1,128}$/;

function requestIdOf(header: string | undefined): string {
  return header !== undefined && VISIBLE_ASCII.test(header) ? header : randomUUID();
}
