/**
 * The requests of one connection that have no answer yet, and answers on their way to the socket: in the order of the
 * requests, and all that are there in one write.
 */
import type { Socket } from 'node:net';
import type { RequestHead } from './request-head';
import type { SocketExchange, Written } from './socket-exchange';
import { type Framing, StreamWriter } from './stream-writer';

export class Turns {
  /** Bytes of whole requests that wait. */
  bytesAhead = 0;
  /** The last answer of the connection has been written. */
  hasEnded = false;
  readonly #turns: SocketExchange[] = [];
  #stream?: StreamWriter;

  constructor(
    private readonly socket: Socket,
    /** A stream has ended, and the answers behind it can be written. */
    private readonly onStreamEnd: () => void,
  ) {}

  get length(): number {
    return this.#turns.length;
  }

  get first(): SocketExchange | undefined {
    return this.#turns[0];
  }

  /** The first is a stream that has begun. */
  get isStreaming(): boolean {
    return this.#stream !== undefined;
  }

  push(turn: SocketExchange): void {
    this.#turns.push(turn);
  }

  includes(turn: SocketExchange): boolean {
    return this.#turns.includes(turn);
  }

  /** A request has come to its end. Of one that has been answered already nothing is kept. */
  complete(turn: SocketExchange): void {
    if (turn.written === undefined) turn.bytesAhead = turn.bytes;
    this.bytesAhead += turn.bytesAhead;
    turn.complete();
  }

  /** Writes what can be, from the first turn on. */
  write(): void {
    let text = '';
    while (this.#stream === undefined && !this.hasEnded) {
      const turn = this.#turns[0];
      const written = turn?.written;
      if (turn === undefined || written === undefined) break;
      text += written.text;
      if (written.stream !== undefined) {
        this.#pipe(turn, written, text);
        return;
      }
      if (written.body !== undefined) {
        this.#writeBoth(text, written.body);
        text = '';
      }
      this.#leave(turn);
    }
    if (text !== '' && !this.socket.destroyed) this.socket.write(text, 'latin1');
  }

  /** The socket has room again. */
  drained(): void {
    this.#stream?.drained();
  }

  /** The connection is over: nobody waits any more. */
  disconnect(): void {
    const turns = this.#turns.splice(0);
    const unheard = this.#stream === undefined ? turns : turns.slice(1);
    for (const turn of turns) turn.disconnect();
    for (const { written } of unheard) if (written !== undefined) this.silence(written);
  }

  /** A stream that nobody will hear is told to end, too. */
  silence({ stream, written = () => {}, ended = () => {} }: Written): void {
    stream?.pipe(new StreamWriter(this.socket, '', 'until closed', written, ended));
  }

  #leave(turn: SocketExchange): void {
    this.#turns.shift();
    this.bytesAhead -= turn.bytesAhead;
    if (turn.isLast) this.hasEnded = true;
  }

  #writeBoth(text: string, body: Buffer): void {
    if (this.socket.destroyed) return;
    this.socket.cork();
    this.socket.write(text, 'latin1');
    this.socket.write(body);
    this.socket.uncork();
  }

  #pipe(turn: SocketExchange, { stream, written = () => {}, ended }: Written, text: string): void {
    const writer = new StreamWriter(this.socket, text, framingFor(turn.head), written, (error) => {
      this.#stream = undefined;
      if (this.#turns[0] === turn) this.#leave(turn);
      ended?.(error);
      this.onStreamEnd();
    });
    this.#stream = writer;
    stream?.pipe(writer);
  }
}

function framingFor({ method, httpVersion }: RequestHead): Framing {
  if (method === 'HEAD') return 'none';
  return httpVersion === '1.1' ? 'chunked' : 'until closed';
}
