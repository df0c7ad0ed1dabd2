/**
 * The gateway's end of one worker's socket: listens for that worker alone, then carries frames both ways. The frames of
 * one turn of the event loop leave in one write. It knows bytes and their order, not what they mean.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeHeader, type Frame, FrameReader, type FrameType } from './frames';

/** A Unix socket's path fits in 104 bytes on macOS, 108 on Linux; `/model-api-XXXXXX/socket` takes 24 of them. */
const LONGEST_PARENT = 80;

export interface ConnectionEvents {
  /** Whatever it throws closes the connection, with that as the reason. */
  frame(frame: Frame): void;
  /** The worker takes frames again after `isFull`. */
  drained(): void;
  /** Called once; with what went wrong, unless the peer just closed. */
  closed(reason?: Error): void;
}

const socketParent = () => (tmpdir().length > LONGEST_PARENT ? '/tmp' : tmpdir());

export class Connection {
  /** In a folder that only this user can enter, and only until the worker has connected: a killed gateway leaves none. */
  readonly #folder = mkdtempSync(join(socketParent(), 'model-api-'));
  readonly path = join(this.#folder, 'socket');
  readonly #server: Server;
  #socket?: Socket;
  #closed = false;
  #lastFrameUnread = false;

  constructor(private readonly events: ConnectionEvents) {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Resolves when the worker can be told `path`. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.path, resolve);
    });
  }

  /** Takes no more now: it is closed, or more than the socket takes is already waiting in this process. */
  get isFull(): boolean {
    return this.#closed || (this.#socket?.writableNeedDrain ?? true);
  }

  /** The peer cannot have read the last frame: it never left this process, or the socket failed with it unread. */
  get lastFrameUnread(): boolean {
    return this.#lastFrameUnread;
  }

  send(type: FrameType, id: number, body?: Buffer): void {
    const socket = this.#socket;
    if (socket === undefined || this.#closed) return;
    if (socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    socket.write(encodeHeader(type, id, body?.length ?? 0));
    if (body !== undefined) socket.write(body);
  }

  sendJson(type: FrameType, id: number, message: unknown): void {
    this.send(type, id, Buffer.from(JSON.stringify(message)));
  }

  close(reason?: NodeJS.ErrnoException): void {
    if (this.#closed) return;
    this.#closed = true;
    const unsentBytes = this.#socket?.writableLength ?? 0;
    this.#lastFrameUnread = unsentBytes > 0 || reason?.code === 'ECONNRESET' || reason?.code === 'EPIPE';
    this.#stopListening();
    this.#socket?.destroy();
    this.events.closed(reason);
  }

  #accept(socket: Socket): void {
    this.#stopListening();
    this.#socket = socket;
    const reader = new FrameReader((frame) => {
      if (!this.#closed) this.events.frame(frame);
    });
    socket.on('data', (chunk) => this.#orClose(() => reader.read(chunk)));
    // At once, and not when Node closes the socket a turn later: a request sent meanwhile would be lost.
    socket.on('end', () => {
      this.#orClose(() => reader.end());
      this.close();
    });
    socket.on('drain', () => this.events.drained());
    socket.on('error', (error) => this.close(error));
    socket.on('close', () => this.close());
  }

  #orClose(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.close(error as Error);
    }
  }

  #stopListening(): void {
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
