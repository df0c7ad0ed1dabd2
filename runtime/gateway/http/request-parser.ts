/**
 * Makes requests of a connection's bytes: heads, pieces of bodies and their ends, each told to a listener in the order in
 * which they came. It bounds what llhttp does not: the size of heads, of trailers, and of what stands between chunks.
 */
import { Errors, type ServingError } from '../errors';
import { INPUT_BYTES, input, Llhttp, OK, PAUSED, PAUSED_UPGRADE, type ParserEvents, STOPPED } from './llhttp';
import { RequestHead } from './request-head';

export interface RequestListener {
  begin(): void;
  /** False: nothing behind the head is to be parsed. */
  head(head: RequestHead): boolean;
  body(bytes: Buffer): void;
  /** False: the next request is to wait. */
  end(): boolean;
}

/** Of the request line and the headers, of trailers, and of whatever is no body between two pieces of it. */
const LARGEST_BYTES = 16 * 1024;

const NO_HEAD = new RequestHead();
const NO_BYTES = Buffer.alloc(0);

export class RequestParser implements ParserEvents {
  /** What has not been parsed, because the listener wanted so. */
  rest?: Buffer;
  /** Between the first byte of a request and the end of its head. */
  isInHead = false;
  readonly #llhttp: Llhttp;
  #head = NO_HEAD;
  #headBytes = 0;
  #isNaming = false;
  #isInBody = false;
  #fault?: ServingError;
  /** What is being parsed now, and where in it the parser's input begins. */
  #bytes: Buffer = NO_BYTES;
  #from = 0;
  /** Up to where in the input all is accounted for; negative, by so many bytes of earlier inputs. */
  #accounted = 0;

  constructor(private readonly listener: RequestListener) {
    this.#llhttp = new Llhttp(this);
  }

  /** Returns why no request can come behind, if so; `rest` says whether it stopped before the end. */
  parse(bytes: Buffer): ServingError | undefined {
    this.#bytes = bytes;
    this.rest = undefined;
    const fault = this.#parse(bytes);
    this.#bytes = NO_BYTES;
    return fault;
  }

  free(): void {
    this.#llhttp.free();
  }

  #parse(bytes: Buffer): ServingError | undefined {
    let from = 0;
    while (from < bytes.length) {
      const to = Math.min(bytes.length, from + INPUT_BYTES);
      this.#from = from;
      const code = this.#llhttp.execute(bytes, from, to);
      const parsed = code === OK ? to - from : this.#llhttp.position;
      from += parsed;
      if (code === PAUSED_UPGRADE) this.#llhttp.resumeAfterUpgrade();
      else if (code === PAUSED) {
        this.#llhttp.resume();
        this.rest = bytes.subarray(from);
        break;
      } else if (code !== OK) return this.#fault ?? noRequest();
      this.#accounted -= parsed;
      if (this.#isInBody && this.#accounted < -LARGEST_BYTES) return noRequest();
    }
    return undefined;
  }

  onBegin(): number {
    this.#head = new RequestHead();
    this.#headBytes = 0;
    this.#isNaming = false;
    this.isInHead = true;
    this.listener.begin();
    return OK;
  }

  onTarget(at: number, length: number): number {
    this.#head.target += input.latin1Slice(at, at + length);
    return this.#count(at, length);
  }

  onHeaderName(at: number, length: number): number {
    const { rawHeaders } = this.#head;
    // Trailers are counted, and dropped.
    if (!this.#isInBody && this.#isNaming) rawHeaders[rawHeaders.length - 1] += input.latin1Slice(at, at + length);
    else if (!this.#isInBody) rawHeaders.push(input.latin1Slice(at, at + length));
    this.#isNaming = true;
    return this.#count(at, length);
  }

  onHeaderValue(at: number, length: number): number {
    const { rawHeaders } = this.#head;
    if (!this.#isInBody && !this.#isNaming) rawHeaders[rawHeaders.length - 1] += input.latin1Slice(at, at + length);
    else if (!this.#isInBody) rawHeaders.push(input.latin1Slice(at, at + length));
    this.#isNaming = false;
    return this.#count(at, length);
  }

  onHead(keepsAlive: boolean): number {
    const head = this.#head;
    head.method = this.#llhttp.method;
    head.httpVersion = this.#llhttp.httpVersion;
    head.keepsAlive = keepsAlive;
    this.isInHead = false;
    this.#isInBody = true;
    this.#headBytes = 0;
    // An idle connection holds nothing of what its last request said, such as a key.
    this.#head = NO_HEAD;
    return this.listener.head(head) ? OK : STOPPED;
  }

  onBody(at: number, length: number): number {
    if (at - this.#accounted > LARGEST_BYTES) return STOPPED;
    this.#accounted = at + length;
    const start = this.#from + at;
    this.listener.body(this.#bytes.subarray(start, start + length));
    return OK;
  }

  onEnd(): number {
    this.#isInBody = false;
    return this.listener.end() ? OK : PAUSED;
  }

  #count(at: number, length: number): number {
    this.#accounted = at + length;
    this.#headBytes += length;
    if (this.#headBytes < LARGEST_BYTES) return OK;
    this.#fault = Errors.headersTooLarge();
    return STOPPED;
  }
}

const noRequest = () => Errors.badRequest('What came on the connection is no HTTP request.');
