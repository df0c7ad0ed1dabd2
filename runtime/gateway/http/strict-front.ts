/**
 * A front of our own: connections, limits and answers on one port, without node:http's streams and events, which cost more
 * than all else that a small request needs. It promises what `node-front.ts` does: a request id on every response, one
 * response for every request it took, and that a slow or broken client costs no more than its own connection.
 */
import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Answer } from '../answer';
import { Call } from '../call';
import type { Alarm, Deadlines } from '../deadline';
import { Errors, type ServingError } from '../errors';
import type { Front, FrontHandler, FrontTimeouts } from '../front';
import { asServingError, problem } from '../problem';
import { Connection, type Owner } from './connection';
import { LINGER_MS, MOST_CONNECTIONS, ONE_WRITE_BYTES, SLOW_CLIENTS_INTERVAL_MS } from './limits';
import { listenError } from './listen-error';
import { ResponseHead } from './response-head';
import type { SocketExchange, Written } from './socket-exchange';

/** How often a drain looks whether all is answered. */
const DRAIN_INTERVAL_MS = 10;

const CLOSE = 'Connection: close\r\n';

export class StrictFront implements Front, Owner {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #keepAlive: string;
  #sweeping?: NodeJS.Timeout;
  #isDraining = false;

  constructor(
    private readonly timeouts: FrontTimeouts,
    private readonly deadlines: Deadlines,
    private readonly handler: FrontHandler,
  ) {
    // A peer may end its side and still wait for answers.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('drop', () => this.#drop());
    const seconds = Math.floor(timeouts.keepAliveTimeoutMs / 1_000);
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
  }

  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
      this.#server.listen(port, host, () => resolve());
    });
    this.#sweeping = setInterval(() => this.#sweep(), SLOW_CLIENTS_INTERVAL_MS).unref();
    return (this.#server.address() as AddressInfo).port;
  }

  async close(atMostMs: number): Promise<void> {
    // Right after a turn's connections were accepted: those that the kernel holds for us would be reset.
    await new Promise((resolve) => setImmediate(resolve));
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Not before: a client that is told to close connects anew at once, into a port that is about to close.
    this.#isDraining = true;
    await Promise.race([closed, this.deadlines.wait(LINGER_MS)]);
    const end = performance.now() + atMostMs;
    while (this.#isBusy && performance.now() < end) await this.deadlines.wait(DRAIN_INTERVAL_MS);
    for (const connection of this.#connections) connection.destroy();
    clearInterval(this.#sweeping);
  }

  take(exchange: SocketExchange, connection: Connection): void {
    const call = new Call(exchange, this.handler.sampler);
    exchange.call = call;
    call.lostBy = exchange.fault;
    const answer = this.#answer(call, exchange);
    if (!(answer instanceof Promise)) return void this.#respond(call, exchange, connection, answer);
    answer.then(
      (found) => this.#respond(call, exchange, connection, found),
      (thrown) => this.#respond(call, exchange, connection, problemOf(call, thrown)),
    );
  }

  refusal(fault: ServingError): Written {
    const requestId = randomUUID();
    const answer = problem(fault, requestId);
    this.handler.refused(requestId, answer);
    const body = answer.body as string;
    const length = Buffer.byteLength(body);
    const head = new ResponseHead(answer.status);
    head.addAll(answer.headers, undefined);
    addContent(head, answer, length);
    head.add('X-Request-Id', requestId);
    return whole(head.finished(CLOSE), body, length);
  }

  after(delayMs: number, ring: () => void): Alarm {
    return this.deadlines.after(delayMs, ring);
  }

  get #isBusy(): boolean {
    for (const connection of this.#connections) if (connection.isBusy) return true;
    return false;
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, this);
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
  }

  #answer(call: Call, exchange: SocketExchange): Answer | Promise<Answer> {
    try {
      // What is malformed in its head is not for any route; of a body, the route that reads it learns.
      if (exchange.isMalformed) throw exchange.fault;
      return this.handler.answer(call);
    } catch (thrown) {
      return problemOf(call, thrown);
    }
  }

  #respond(call: Call, exchange: SocketExchange, connection: Connection, answer: Answer): void {
    const { status, body } = answer;
    if (this.#isDraining && exchange.isWhole && !connection.carriesAnother) exchange.isLast = true;
    const isWhole = typeof body === 'string' || Buffer.isBuffer(body);
    const isHead = exchange.method === 'HEAD';
    const head = new ResponseHead(status);
    head.addAll(this.handler.headersFor?.(call), answer.headers);
    const length = isWhole ? Buffer.byteLength(body) : undefined;
    if (status !== 204) addContent(head, answer, length);
    if (!isWhole && exchange.httpVersion !== '1.1') exchange.isLast = true;
    else if (!isWhole) head.add('Transfer-Encoding', 'chunked');
    head.add('X-Request-Id', call.requestId);
    head.add('Server-Timing', call.serverTiming);
    const text = head.finished(exchange.isLast ? CLOSE : this.#keepAlive);
    call.answeredAt = performance.now();
    if (isWhole) {
      call.bytesOut = length as number;
      connection.answer(exchange, isHead || status === 204 ? { text } : whole(text, body, length as number));
      return void this.handler.answered(call, answer);
    }
    const ended = (error?: ServingError) =>
      this.handler.answered(call, error === undefined ? answer : { ...answer, error });
    const written = (bytes: number) => {
      call.bytesOut += bytes;
    };
    connection.answer(exchange, { text, stream: body, ended, written });
  }

  /** Sends those away that are too slow. */
  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#connections) connection.sweep(now, this.timeouts);
  }

  /** It is closed already, without a word; here it is said to those who look for the reason. */
  #drop(): void {
    const requestId = randomUUID();
    this.handler.refused(requestId, problem(Errors.tooManyConnections(MOST_CONNECTIONS), requestId));
  }
}

const problemOf = (call: Call, thrown: unknown) => call.problem(asServingError(thrown), call.requestId);

function addContent(head: ResponseHead, { contentType }: Answer, length?: number): void {
  head.add('Content-Type', contentType);
  if (length !== undefined) head.add('Content-Length', length);
}

/** A small body goes out in one write with its head: latin1 is bytes as they are. */
function whole(text: string, body: Buffer | string, length: number): Written {
  // As many bytes as characters: ASCII.
  if (typeof body === 'string' && body.length === length) return { text: text + body };
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return bytes.length < ONE_WRITE_BYTES ? { text: text + bytes.latin1Slice() } : { text, body: bytes };
}
