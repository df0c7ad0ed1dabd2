/**
 * One request on a connection of our own front: its head, its body as it comes, and its answer until its turn to be
 * written. It never touches the socket; its connection does.
 */
import type { StreamedBody } from '../answer';
import type { Call } from '../call';
import type { ServingError } from '../errors';
import type { Exchange } from '../exchange';
import type { RequestHead } from './request-head';

/** What a request needs of its connection. */
export interface Carrier {
  /** A piece of the body may come again, or the caller may be told to send it. */
  wantsBody(exchange: SocketExchange): void;
}

/** An answer as it goes on the wire, one byte a character. */
export interface Written {
  /** Status line and headers, and a small body. */
  readonly text: string;
  /** A large body, which is not copied. */
  readonly body?: Buffer;
  /** Instead of a body: what is asked for its pieces when its turn has come. */
  readonly stream?: StreamedBody;
  /** When a stream has ended, with what ended it early. */
  readonly ended?: (error?: ServingError) => void;
  /** Of each piece of a stream, its bytes. */
  readonly written?: (bytes: number) => void;
}

export class SocketExchange implements Exchange {
  call?: Call;
  /** Why it is refused: its head is malformed, or its body will not come to an end. */
  fault?: ServingError;
  written?: Written;
  /** Its head is what is wrong with it. */
  isMalformed = false;
  /** Nothing behind its answer: neither was another request read, nor will one be. */
  isLast = false;
  isWhole = false;
  isBroken = false;
  /** The caller waits to be told to send the body. */
  asksToContinue = false;
  /** Bytes of the body that came, be they read or not. */
  bytes = 0;
  /** As many, while it is whole and waits for its answer. */
  bytesAhead = 0;
  /** Bytes that wait to be read. */
  waitingBytes = 0;
  #waiting?: Buffer[];
  #isDiscarding = false;
  #piece?: (bytes: Buffer) => void;
  #end?: () => void;
  #lost?: () => void;
  #hasGone = false;
  #onDisconnect?: (() => void)[];

  constructor(
    readonly head: RequestHead,
    private readonly carrier: Carrier,
  ) {}

  get method(): string {
    return this.head.method;
  }

  get target(): string {
    return this.head.target;
  }

  get httpVersion(): string {
    return this.head.httpVersion;
  }

  header(name: string): string | undefined {
    return this.head.header(name);
  }

  proceed(): void {
    if (this.isWhole || !this.head.expectsContinue) return;
    this.asksToContinue = true;
    this.carrier.wantsBody(this);
  }

  onBody(piece: (bytes: Buffer) => void, end: () => void, lost: () => void): void {
    for (const bytes of this.#waiting ?? []) piece(bytes);
    this.#waiting = undefined;
    this.waitingBytes = 0;
    if (this.isWhole) return void end();
    if (this.isBroken) return void lost();
    this.#piece = piece;
    this.#end = end;
    this.#lost = lost;
    this.carrier.wantsBody(this);
  }

  onDisconnect(callback: () => void): void {
    if (this.#hasGone) return void callback();
    this.#onDisconnect ??= [];
    this.#onDisconnect.push(callback);
  }

  /** A piece has come. */
  take(bytes: Buffer): void {
    this.bytes += bytes.length;
    if (this.#isDiscarding) return;
    if (this.#piece !== undefined) return void this.#piece(bytes);
    this.#waiting ??= [];
    this.#waiting.push(bytes);
    this.waitingBytes += bytes.length;
  }

  /** The last byte has come. */
  complete(): void {
    this.isWhole = true;
    this.#end?.();
  }

  /** The rest of the body will not come, and that is the caller's own fault. */
  fail(fault: ServingError): void {
    this.isLast = true;
    this.isBroken = true;
    this.fault = fault;
    if (this.call !== undefined) this.call.lostBy = fault;
    this.#lost?.();
  }

  /** It is answered: of the body nothing is read any more. */
  discard(): void {
    this.#isDiscarding = true;
    this.#waiting = undefined;
    this.waitingBytes = 0;
  }

  /** Its connection is over before its answer was. */
  disconnect(): void {
    this.#hasGone = true;
    if (!this.isWhole && !this.isBroken) {
      this.isBroken = true;
      this.#lost?.();
    }
    for (const callback of this.#onDisconnect ?? []) callback();
  }
}
