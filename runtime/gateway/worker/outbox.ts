/**
 * Frames on their way to a worker's socket. Those of one turn of the event loop leave in one write: a system call costs
 * more than all else that is done for a small frame.
 */
import type { Socket } from 'node:net';
import { type FrameType, HEADER_BYTES, writeHeader } from './frames';

/** Smaller bodies are copied behind their header; of larger ones the copy would cost more than it saves. */
const COPY_BELOW_BYTES = 16 * 1024;

/** So much is not kept for the end of the turn. */
const FLUSH_BYTES = 256 * 1024;

export class Outbox {
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(private readonly socket: Socket) {}

  /** What has not been given to the socket. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The context, visible ASCII, stands before the body and has its length in `n`. */
  add(type: FrameType, id: number, flags: number, n: number, context: string, body?: Buffer): void {
    const bodyBytes = context.length + (body?.length ?? 0);
    const isCopied = body !== undefined && body.length < COPY_BELOW_BYTES;
    const frame = Buffer.allocUnsafe(HEADER_BYTES + context.length + (isCopied ? body.length : 0));
    writeHeader(frame, 0, type, id, bodyBytes, flags, n);
    if (context !== '') frame.write(context, HEADER_BYTES, 'latin1');
    if (isCopied) body.copy(frame, HEADER_BYTES + context.length);
    this.#push(frame);
    if (body !== undefined && !isCopied) this.#push(body);
  }

  flush(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#bytes = 0;
    if (parts.every((part) => part.length < COPY_BELOW_BYTES)) this.socket.write(Buffer.concat(parts));
    else this.#writeEach(parts);
  }

  #writeEach(parts: readonly Buffer[]): void {
    this.socket.cork();
    for (const part of parts) this.socket.write(part);
    this.socket.uncork();
  }

  #push(part: Buffer): void {
    if (this.#parts.length === 0) setImmediate(() => this.flush());
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes > FLUSH_BYTES) this.flush();
  }
}
