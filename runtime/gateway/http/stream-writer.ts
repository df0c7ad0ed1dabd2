/**
 * Writes a body that comes in pieces: in chunks, or to an old client up to the end of the connection. Pieces of one turn
 * of the event loop are one write, the first together with the head; the next is asked for when the socket has room.
 */
import type { Socket } from 'node:net';
import type { BodySink } from '../answer';
import type { ServingError } from '../errors';
import { ONE_WRITE_BYTES } from './limits';

export type Framing = 'chunked' | 'none' | 'until closed';

export class StreamWriter implements BodySink {
  hasEnded = false;
  #isScheduled = false;
  /** Who waits for room. */
  #waiting: (() => void)[] = [];

  constructor(
    private readonly socket: Socket,
    /** What is to be written next, one byte a character; at first the head. */
    private text: string,
    private readonly framing: Framing,
    private readonly written: (bytes: number) => void,
    private readonly ended: (error?: ServingError) => void,
  ) {}

  write(piece: Buffer | string, taken: () => void): void {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    this.written(bytes.length);
    if (this.framing === 'none') return void taken();
    // Nobody is there: no other piece is asked for.
    if (this.socket.destroyed) return;
    if (bytes.length > 0) this.#add(bytes);
    if (this.socket.writableLength + this.text.length < this.socket.writableHighWaterMark) taken();
    else this.#waiting.push(taken);
  }

  end(error?: ServingError, cut = false): void {
    this.hasEnded = true;
    this.#waiting = [];
    // What was said before is said; the missing last chunk tells that it is not all.
    if (!cut && this.framing === 'chunked') this.text += '0\r\n\r\n';
    this.flush();
    if (cut) this.socket.destroy();
    this.ended(error);
  }

  /** The socket has room again. */
  drained(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const taken of waiting) taken();
  }

  flush(): void {
    const { text } = this;
    this.text = '';
    if (text !== '' && !this.socket.destroyed) this.socket.write(text, 'latin1');
    if (!this.socket.writableNeedDrain && this.#waiting.length > 0) this.drained();
  }

  #add(bytes: Buffer): void {
    const isChunked = this.framing === 'chunked';
    if (isChunked) this.text += `${bytes.length.toString(16)}\r\n`;
    if (bytes.length < ONE_WRITE_BYTES) this.text += bytes.latin1Slice();
    else this.#writeLarge(bytes);
    if (isChunked) this.text += '\r\n';
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(flushOf, this);
  }

  #writeLarge(bytes: Buffer): void {
    this.socket.cork();
    this.socket.write(this.text, 'latin1');
    this.socket.write(bytes);
    this.socket.uncork();
    this.text = '';
  }

  /** Called by the turn that scheduled it. */
  static flushScheduled(writer: StreamWriter): void {
    writer.#isScheduled = false;
    if (!writer.hasEnded) writer.flush();
  }
}

const flushOf = StreamWriter.flushScheduled;
