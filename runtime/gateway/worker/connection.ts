/**
 * The gateway's end of one process's socket: listens for that process alone, then carries frames both ways. It knows bytes
 * and their order, not what they mean.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Frame, FrameReader, FrameType } from './frames';
import { Outbox } from './outbox';

/** A Unix socket's path fits in 104 bytes on macOS, 108 on Linux; `/model-api-XXXXXX/socket` takes 24 of them. */
const LONGEST_PARENT = 80;

/** More than this waiting in this process is a worker that does not read. */
const FULL_BYTES = 1024 * 1024;

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
  /** One that only this user can enter, and only until the worker has loaded: a killed gateway leaves none. */
  #folder = '';
  readonly #server: Server;
  #socket?: Socket;
  #outbox?: Outbox;
  #closed = false;

  constructor(private readonly events: ConnectionEvents) {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get path(): string {
    return join(this.#folder, 'socket');
  }

  /** Beside the socket, for what else both sides open. */
  get markPath(): string {
    return join(this.#folder, 'mark');
  }

  /** Resolves when the worker can be told `path`; rejects with what the system lacks: descriptors, space, a folder. */
  async listen(): Promise<void> {
    this.#folder = mkdtempSync(join(socketParent(), 'model-api-'));
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.path, resolve);
    });
  }

  /** The worker has opened what it needs of the folder. */
  hide(): void {
    if (this.#folder !== '') rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Takes no more now: it is closed, or more than the socket takes is already waiting in this process. */
  get isFull(): boolean {
    const socket = this.#socket;
    if (this.#closed || socket === undefined) return true;
    return socket.writableNeedDrain || (this.#outbox as Outbox).bytes > FULL_BYTES;
  }

  send(type: FrameType, id: number, n = 0, body?: Buffer): void {
    if (!this.#closed) this.#outbox?.add(type, id, 0, n, '', body);
  }

  sendRequest(id: number, flags: number, context: string, body: Buffer): void {
    if (!this.#closed) this.#outbox?.add(FrameType.REQUEST, id, flags, context.length, context, body);
  }

  sendJson(type: FrameType, id: number, message: unknown): void {
    this.send(type, id, 0, Buffer.from(JSON.stringify(message)));
  }

  close(reason?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    this.hide();
    this.#socket?.destroy();
    this.events.closed(reason);
  }

  #accept(socket: Socket): void {
    this.#server.close();
    this.#socket = socket;
    this.#outbox = new Outbox(socket);
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
}
