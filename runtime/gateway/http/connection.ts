/**
 * One connection: its bytes become requests, and its answers bytes, in the order of the requests. It reads only so far
 * ahead of its answers, and no further while the peer does not take those that there are.
 *
 *     socket -> parser -> turns [ answered | running | running | coming ] -> socket
 */
import type { Socket } from 'node:net';
import type { Alarm } from '../deadline';
import { Errors, type ServingError } from '../errors';
import type { FrontTimeouts } from '../front';
import { malformation } from '../malformation';
import { LEFTOVER_MS } from './limits';
import type { RequestHead } from './request-head';
import { type RequestListener, RequestParser } from './request-parser';
import { type Carrier, SocketExchange, type Written } from './socket-exchange';
import { Turns } from './turns';

/** What a connection needs of its front. */
export interface Owner {
  /** A request whose head has come. */
  take(exchange: SocketExchange, connection: Connection): void;
  /** Bytes that never became a request are answered with this. */
  refusal(fault: ServingError): Written;
  /** Calls back after a time. */
  after(delayMs: number, ring: () => void): Alarm;
}

/** Requests of one connection that were read and not yet answered; and their bytes, beyond which none is begun. */
const MOST_AHEAD = 128;
const MOST_BYTES_AHEAD = 1024 * 1024;

/** Bytes of a body that nobody reads yet, for whom the socket waits. */
const MOST_WAITING_BYTES = 64 * 1024;

/** Between questions whether a peer that ended its side is there. The reset of the first is seen by the second. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

export class Connection implements RequestListener, Carrier {
  readonly #parser: RequestParser;
  /** Not yet answered, in the order in which they came. */
  readonly #turns: Turns;
  /** Whose body is coming. */
  #receiving?: SocketExchange;
  /** Heads of this read, which the front has not been told of. */
  #arrived: SocketExchange[] = [];
  /** What is to be parsed when there is room for answers again. */
  #rest?: Buffer;
  /** Nothing that comes is parsed any more. */
  #isDeaf = false;
  #hasPeerEnded = false;
  /** Answers are kept together until the front knows all requests of a read. */
  #isHolding = false;
  /** A first request is coming, or has come. */
  #hasBegun = false;
  #isParsing = false;
  #isClosed = false;
  /** Set while a peer may send what nobody reads. */
  #lingering?: Alarm;
  /** When the first byte of what is being read came, or could have. */
  #startedAt = performance.now();
  /** More of its answers waits than the system takes. */
  #isUnread = false;
  /** Since when nothing is going on. */
  #idleSince?: number;

  constructor(
    private readonly socket: Socket,
    private readonly owner: Owner,
  ) {
    this.#parser = new RequestParser(this);
    this.#turns = new Turns(socket, () => this.#flush());
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('drain', () => this.#drained());
    socket.on('timeout', () => socket.destroy());
    socket.on('end', () => this.#ended());
    // Told by 'close', too.
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
  }

  get isBusy(): boolean {
    return this.#turns.length > 0 || this.socket.writableLength > 0;
  }

  /** Whether it has a second request that waits for its answer: closed, it would lose it. */
  get carriesAnother(): boolean {
    return this.#turns.length > 1 || (this.#rest?.length ?? 0) > 0;
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Sends a peer away that is too slow, or has nothing more to say. */
  sweep(now: number, { headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs }: FrontTimeouts): void {
    this.#watchReader(requestTimeoutMs);
    if (this.#isDeaf) return;
    if (this.#idleSince !== undefined) {
      if (now - this.#idleSince > keepAliveTimeoutMs) this.socket.destroy();
    } else if (this.#receiving !== undefined) {
      if (now - this.#startedAt > Math.max(headersTimeoutMs, requestTimeoutMs)) this.#refuse(Errors.requestTimeout());
    } else if (!this.#hasBegun) {
      // Nothing came, or empty lines.
      if (now - this.#startedAt > headersTimeoutMs) this.socket.destroy();
    } else if (this.#parser.isInHead && now - this.#startedAt > headersTimeoutMs) this.#refuse(Errors.requestTimeout());
  }

  /** One that takes nothing of its answers for so long has gone: Node's timer knows whether a write makes progress. */
  #watchReader(longestMs: number): void {
    const { writableNeedDrain: isUnread } = this.socket;
    if (isUnread !== this.#isUnread) this.socket.setTimeout(isUnread ? longestMs : 0);
    this.#isUnread = isUnread;
  }

  /** The answer of a request, to be written when its turn has come. */
  answer(exchange: SocketExchange, written: Written): void {
    exchange.written = written;
    exchange.discard();
    if (this.#isClosed) return void this.#turns.silence(written);
    if (!exchange.isWhole) this.#leaveBody(exchange);
    this.#flush();
  }

  begin(): void {
    this.#hasBegun = true;
    this.#startedAt = performance.now();
    this.#idleSince = undefined;
  }

  head(head: RequestHead): boolean {
    if (head.method === 'CONNECT') {
      this.#pushRefusal(Errors.methodNotAllowed('CONNECT', head.target, 'GET, HEAD, POST'));
      return false;
    }
    const exchange = new SocketExchange(head, this);
    const fault = malformation(head.httpVersion, head.rawHeaders, head.header('transfer-encoding'));
    exchange.isLast = !head.keepsAlive;
    this.#turns.push(exchange);
    this.#arrived.push(exchange);
    this.#receiving = exchange;
    if (fault === undefined) return true;
    // Where it ends is in doubt; what follows on the connection is not to be read as another.
    this.#isDeaf = true;
    this.#receiving = undefined;
    exchange.isMalformed = true;
    exchange.fail(fault);
    return false;
  }

  body(bytes: Buffer): void {
    const exchange = this.#receiving as SocketExchange;
    exchange.take(bytes);
    if (exchange.waitingBytes > MOST_WAITING_BYTES) this.socket.pause();
  }

  end(): boolean {
    const exchange = this.#receiving as SocketExchange;
    this.#receiving = undefined;
    this.#turns.complete(exchange);
    if (exchange.isLast) this.#isDeaf = true;
    else if (this.#turns.length === 0) this.#idleSince = performance.now();
    return !this.#isDeaf && this.#hasRoom;
  }

  wantsBody(exchange: SocketExchange): void {
    if (this.#rest === undefined) this.socket.resume();
    if (exchange === this.#turns.first) this.#tellToContinue();
  }

  get #hasRoom(): boolean {
    const isFull =
      this.#turns.length >= MOST_AHEAD || (this.#turns.length > 1 && this.#turns.bytesAhead > MOST_BYTES_AHEAD);
    return !isFull && !this.socket.writableNeedDrain;
  }

  #read(bytes: Buffer): void {
    if (this.#isDeaf) return;
    this.#parse(this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]));
  }

  #parse(bytes: Buffer): void {
    this.#rest = bytes;
    this.#isParsing = true;
    while (this.#rest !== undefined) {
      this.#parseOnce(this.#rest);
      if (this.#rest !== undefined && !this.#hasRoom) {
        this.socket.pause();
        break;
      }
      if (this.#rest?.length === 0) this.#rest = undefined;
    }
    this.#isParsing = false;
    if (this.#hasPeerEnded) this.#ended();
  }

  /** The front is told of requests, and their answers are written, when the parser has returned. */
  #parseOnce(bytes: Buffer): void {
    this.#isHolding = true;
    const fault = this.#parser.parse(bytes);
    if (fault !== undefined && !this.#isDeaf) this.#fail(fault);
    this.#rest = this.#isDeaf ? undefined : this.#parser.rest;
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const exchange of arrived) this.owner.take(exchange, this);
    this.#isHolding = false;
    this.#flush();
  }

  /** There may be room for another request again. */
  #goOn(): void {
    if (this.#rest === undefined || this.#isParsing || !this.#hasRoom) return;
    this.socket.resume();
    this.#parse(this.#rest);
  }

  /** Bytes that are no request, or stop in the middle of one. Requests before them still get their answers, first. */
  #refuse(fault: ServingError): void {
    this.#fail(fault);
    this.#flush();
  }

  #fail(fault: ServingError): void {
    this.#isDeaf = true;
    const exchange = this.#receiving;
    this.#receiving = undefined;
    if (exchange === undefined) this.#pushRefusal(fault);
    else if (exchange.written === undefined) exchange.fail(fault);
    // Its answer has gone already, and is the last.
    else if (this.#turns.includes(exchange)) exchange.isLast = true;
    else this.#endOurSide();
  }

  #pushRefusal(fault: ServingError): void {
    this.#isDeaf = true;
    const refusal = new SocketExchange(NOTHING, this);
    refusal.isLast = true;
    refusal.isWhole = true;
    refusal.written = this.owner.refusal(fault);
    this.#turns.push(refusal);
  }

  /** Writes the answers whose turn it is, and goes on by what that changes. */
  #flush(): void {
    if (this.#isHolding) return;
    const turns = this.#turns;
    turns.write();
    const hasNothingMore = this.#hasPeerEnded && turns.length === 0 && this.#rest === undefined;
    if (turns.hasEnded || hasNothingMore) return void this.#endOurSide();
    if (turns.length > 0) this.#tellToContinue();
    else if (this.#receiving === undefined && !this.#parser.isInHead && this.#hasBegun)
      this.#idleSince ??= performance.now();
    this.#goOn();
  }

  #tellToContinue(): void {
    const turn = this.#turns.first;
    if (turn?.asksToContinue !== true || turn.isWhole || turn.written !== undefined) return;
    turn.asksToContinue = false;
    this.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
  }

  /** It is answered before its body has come: the rest is read and thrown away, for a while. */
  #leaveBody(exchange: SocketExchange): void {
    if (this.#rest === undefined) this.socket.resume();
    this.owner.after(LEFTOVER_MS, () => exchange.isWhole || this.socket.destroy());
  }

  /** Closed at once, what the peer is still sending would reset the answer away. */
  #endOurSide(): void {
    this.#isDeaf = true;
    this.#rest = undefined;
    if (this.socket.writableEnded) return;
    this.socket.end();
    this.socket.resume();
    this.#lingering ??= this.owner.after(LEFTOVER_MS, () => this.socket.destroy());
  }

  #drained(): void {
    this.#turns.drained();
    this.#goOn();
  }

  /** The peer sends no more; whoever of its requests still waits may do so for nobody. */
  #ended(): void {
    this.#hasPeerEnded = true;
    if (this.#rest !== undefined && this.#rest.length > 0) return;
    this.#rest = undefined;
    this.#askIfThere(FIRST_PAUSE_MS);
  }

  /**
   * Most peers that end their side have gone, some only have nothing more to send and wait for their answer. The bytes look
   * the same, so the gateway asks: it sends an interim answer (RFC 9110, 15.2), which every client of HTTP/1.1 skips, and
   * which the system of one that has gone answers with a reset.
   */
  #askIfThere(pauseMs: number): void {
    if (this.socket.destroyed || this.socket.writableEnded) return;
    // The rest of a request will not come, and nothing can be asked in the middle of a stream.
    const isUnfinished = this.#receiving !== undefined || (this.#parser.isInHead && !this.#isDeaf);
    if (isUnfinished || this.#turns.isStreaming) return void this.socket.destroy();
    const first = this.#turns.first;
    if (first === undefined) return void this.#endOurSide();
    // HTTP/1.0 knows no interim answers.
    if (first.httpVersion === '1.1') this.socket.write('HTTP/1.1 102 Processing\r\n\r\n', 'latin1');
    this.owner.after(pauseMs, () => this.#askIfThere(Math.min(2 * pauseMs, LONGEST_PAUSE_MS)));
  }

  #closed(): void {
    this.#isDeaf = true;
    this.#isClosed = true;
    this.#rest = undefined;
    this.#parser.free();
    this.#lingering?.cancel();
    this.#turns.disconnect();
  }
}

/** What has no head. */
const NOTHING = {
  method: '',
  target: '',
  httpVersion: '',
  rawHeaders: [],
  keepsAlive: false,
} as unknown as RequestHead;
