/**
 * Sockets, limits and answers on one port. It promises a request id on every response, one response for every request it
 * took, and that a slow or broken client costs no more than its own connection. It knows no model.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Answer, BodySink, StreamedBody } from '../answer';
import { Call } from '../call';
import type { Deadlines } from '../deadline';
import { Errors, type ServingError } from '../errors';
import type { Front, FrontHandler, FrontTimeouts } from '../front';
import { malformation } from '../malformation';
import { PassingMap } from '../passing-map';
import { asServingError, problem } from '../problem';
import { joinHeaders } from '../vary';
import { LEFTOVER_MS, LINGER_MS, MOST_CONNECTIONS, ONE_WRITE_BYTES, SLOW_CLIENTS_INTERVAL_MS } from './limits';
import { listenError } from './listen-error';
import { NodeExchange } from './node-exchange';
import { askIfThere } from './node-half-closed';

interface Open {
  readonly call: Call;
  readonly response: ServerResponse;
}

/** The peer reset the connection, or closed it in the middle of a request. */
const GONE: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'HPE_INVALID_EOF_STATE']);

export class NodeFront implements Front {
  readonly #server: Server;
  /** Requests that were taken and are not yet answered; they hold a drain up. A connection may carry several at once. */
  readonly #busy = new PassingMap<IncomingMessage, Open>();
  /** Connections that go on no further, with what is still to be done once their whole requests are answered. */
  readonly #refused = new Map<Socket, () => void>();
  #isDraining = false;
  #onIdle: () => void = () => {};

  constructor(
    timeouts: FrontTimeouts,
    private readonly deadlines: Deadlines,
    private readonly handler: FrontHandler,
  ) {
    this.#server = createServer({
      keepAliveTimeout: timeouts.keepAliveTimeoutMs,
      headersTimeout: timeouts.headersTimeoutMs,
      // For the whole request; Node wants it no shorter than the one for the headers.
      requestTimeout: Math.max(timeouts.headersTimeoutMs, timeouts.requestTimeoutMs),
      connectionsCheckingInterval: SLOW_CLIENTS_INTERVAL_MS,
      // Node's own refusal carries neither a problem nor a request id: the routes refuse it.
      requireHostHeader: false,
    });
    // Node would drop those beyond its limit without a word; `malformation` refuses them.
    this.#server.maxHeadersCount = 0;
    this.#server.maxConnections = MOST_CONNECTIONS;
    // Not documented, and as old as the server: otherwise Node ends our side as soon as the peer ends its own.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on('connection', (socket) => socket.once('end', () => this.#askIfThere(socket)));
    this.#server.on('drop', () => this.#drop());
    this.#server.on('request', (request, response) => this.#take(request, response, false));
    this.#server.on('checkContinue', (request, response) => this.#take(request, response, true));
    this.#server.on('checkExpectation', (request, response) => this.#take(request, response, false));
    this.#server.on('connect', (request, socket) => this.#refuseTunnel(request, socket as Socket));
    this.#server.on('clientError', (error, socket) => this.#refuse(error, socket as Socket));
  }

  /** Resolves to the port, which is another than asked for when that was 0. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
      this.#server.listen(port, host, () => resolve());
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Takes no more connections, answers every request on those there are, for `atMostMs`, and closes them. From now on an
   * answer says that its connection ends.
   */
  async close(atMostMs: number): Promise<void> {
    // Right after a turn's connections were accepted: those that the kernel holds for us would be reset.
    await new Promise((resolve) => setImmediate(resolve));
    // HTTP's own close would at once drop idle connections, into which a client may be writing its next request.
    const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(this.#server, () => resolve()));
    // Not before: a client that is told to close connects anew at once, into a port that is about to close.
    this.#isDraining = true;
    await Promise.race([closed, this.deadlines.wait(LINGER_MS)]);
    await Promise.race([this.#idle(), this.deadlines.wait(atMostMs)]);
    this.#server.closeAllConnections();
  }

  async #take(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): Promise<void> {
    const call = new Call(new NodeExchange(request, response, expectsContinue), this.handler.sampler);
    this.#busy.set(request, { call, response });
    response.once('close', () => this.#letGo(request));
    const answer = await this.#answer(call, request, response);
    this.#writeHead(call, request, response, answer);
    const { body } = answer;
    const error = isWhole(body) ? writeWhole(call, response, body) : await writeStream(call, response, body);
    this.handler.answered(call, error === undefined ? answer : { ...answer, error });
  }

  async #answer(call: Call, request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    try {
      const fault = malformation(request.httpVersion, request.rawHeaders, request.headers['transfer-encoding']);
      // Where it ends is in doubt; what follows on the connection is not to be read as another.
      if (fault !== undefined) response.shouldKeepAlive = false;
      if (fault !== undefined) throw fault;
      return await this.handler.answer(call);
    } catch (thrown) {
      return call.problem(asServingError(thrown), call.requestId);
    }
  }

  #writeHead(call: Call, request: IncomingMessage, response: ServerResponse, { status, ...answer }: Answer): void {
    if (request.complete && this.#isDraining && !this.#carriesAnother(request))
      response.setHeader('Connection', 'close');
    if (!request.complete) this.deadlines.after(LEFTOVER_MS, () => request.complete || request.socket.destroy());
    response.writeHead(status, {
      ...joinHeaders(this.handler.headersFor?.(call), answer.headers),
      ...(status !== 204 && contentHeaders(answer)),
      'X-Request-Id': call.requestId,
      'Server-Timing': call.serverTiming,
    });
    call.answeredAt = performance.now();
  }

  #letGo(request: IncomingMessage): void {
    this.#busy.delete(request);
    if (this.#refused.size > 0 && !this.#hasWhole(request.socket)) this.#refused.get(request.socket)?.();
    if (this.#busy.size === 0) this.#onIdle();
  }

  /** Whether the connection has a second request that waits for its answer: a closed one would lose it. */
  #carriesAnother(request: IncomingMessage): boolean {
    return this.#openOn(request.socket).some((other) => other !== request);
  }

  #openOn(socket: Socket): IncomingMessage[] {
    return [...this.#busy.keys()].filter((request) => request.socket === socket);
  }

  #idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#busy.size === 0) resolve();
    });
  }

  #hasWhole(socket: Socket): boolean {
    return this.#openOn(socket).some((request) => request.complete);
  }

  /** The peer sends no more; whoever of its requests still waits may do so for nobody. */
  #askIfThere(socket: Socket): void {
    for (const request of this.#openOn(socket)) askIfThere((this.#busy.get(request) as Open).response, this.deadlines);
  }

  /** Node has closed it already, without a word; here it is said to those who look for the reason. */
  #drop(): void {
    const requestId = randomUUID();
    this.handler.refused(requestId, problem(Errors.tooManyConnections(MOST_CONNECTIONS), requestId));
  }

  /** Bytes that are no request, or stop in the middle of one. Requests before them still get their answers, first. */
  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    if (!socket.writable || GONE.has(error.code) || socket.bytesRead === 0) return void socket.destroy();
    this.#endBehindWhole(socket, () => this.#endRefused(error.code, socket));
  }

  #refuseTunnel(request: IncomingMessage, socket: Socket): void {
    // Node has let go of the connection: an error that nobody listens to would end the process.
    socket.on('error', () => socket.destroy());
    this.#endBehindWhole(socket, () => {
      if (socket.writable) this.#end(socket, noTunnel(request));
      else socket.destroySoon();
    });
  }

  #endBehindWhole(socket: Socket, end: () => void): void {
    // Node tells again for each piece that comes behind the first bad one.
    if (this.#refused.has(socket)) return;
    this.#refused.set(socket, end);
    socket.once('close', () => this.#refused.delete(socket));
    if (!this.#hasWhole(socket)) end();
  }

  #endRefused(code: string | undefined, socket: Socket): void {
    // What comes behind a request that said it was the last is ignored.
    if (!socket.writable || code === 'HPE_CLOSED_CONNECTION') return void socket.destroySoon();
    const [unfinished] = this.#openOn(socket);
    this.#end(socket, clientFault(code), unfinished && this.#busy.get(unfinished)?.call);
  }

  /** Answers where Node gives no response to write on, and closes. The call, if it came to be one, ends by that. */
  #end(socket: Socket, fault: ServingError, call?: Call): void {
    const requestId = call?.requestId ?? randomUUID();
    const answer = problem(fault, requestId);
    if (call === undefined) this.handler.refused(requestId, answer);
    else call.lostBy = fault;
    socket.end(rawResponse(answer, requestId, call && this.handler.headersFor?.(call)));
    // Closed at once, what the peer is still sending would reset the answer away.
    const alarm = this.deadlines.after(LEFTOVER_MS, () => socket.destroy());
    socket.once('close', () => alarm.cancel());
    socket.resume();
  }
}

function writeWhole(call: Call, response: ServerResponse, body: Buffer | string): undefined {
  call.bytesOut = Buffer.byteLength(body);
  // A small text goes out in one write with its headers, a buffer in one of its own: latin1 is bytes as they are.
  if (Buffer.isBuffer(body) && body.length < ONE_WRITE_BYTES) response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
}

/** Resolves when the stream has ended, with what ended it early. A HEAD is answered without asking for a piece. */
function writeStream(call: Call, response: ServerResponse, body: StreamedBody): Promise<ServingError | undefined> {
  return new Promise((resolve) => {
    const sink: BodySink = {
      write(piece, taken) {
        call.bytesOut += Buffer.byteLength(piece);
        // A slow reader's pieces wait in the socket; the next is asked for when they have left it.
        if (response.write(piece)) taken();
        else response.once('drain', taken);
      },
      end(error, cut = false) {
        if (cut) response.destroy();
        else response.end();
        resolve(error);
      },
    };
    body.pipe(sink);
  });
}

function contentHeaders({ contentType, body }: Pick<Answer, 'contentType' | 'body'>): Record<string, string | number> {
  const type = { 'Content-Type': contentType };
  return isWhole(body) ? { ...type, 'Content-Length': Buffer.byteLength(body) } : type;
}

const isWhole = (body: Answer['body']): body is Buffer | string => typeof body === 'string' || Buffer.isBuffer(body);

function clientFault(code: string | undefined): ServingError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return Errors.requestTimeout();
  if (code === 'HPE_HEADER_OVERFLOW') return Errors.headersTooLarge();
  return Errors.badRequest('What came on the connection is no HTTP request.');
}

const noTunnel = ({ url = '' }: IncomingMessage) => Errors.methodNotAllowed('CONNECT', url, 'GET, HEAD, POST');

function rawResponse(answer: Answer, requestId: string, more: Readonly<Record<string, string>> = {}): string {
  const { status, contentType, body, headers } = answer;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries({ ...more, ...headers }).map(([name, value]) => `${name}: ${value}`),
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body as string)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
