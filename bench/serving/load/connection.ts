/**
 * One connection of a caller: one request at a time, and what became of it. A request whose connection ends without an
 * answer is a failed one, as it is for a caller that does not repeat what may have been done.
 */
import { connect, type Socket } from 'node:net';
import { type Response, ResponseReader } from './response-reader';

export type Outcome = Response | { readonly status: 0; readonly willClose: true; readonly body?: undefined };

const BROKEN: Outcome = { status: 0, willClose: true };

export class Connection {
  readonly #socket: Socket;
  readonly #reader: ResponseReader;
  #settle?: (outcome: Outcome) => void;
  #isOpen = true;

  private constructor(socket: Socket, keepsBodies: boolean) {
    this.#socket = socket;
    this.#reader = new ResponseReader((response) => this.#answer(response), keepsBodies);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#reader.push(chunk));
    socket.on('end', () => {
      this.#isOpen = false;
      this.#reader.end();
    });
    socket.on('error', () => this.#break());
    socket.on('close', () => this.#break());
  }

  /** Rejects when nobody listens. */
  static open(port: number, keepsBodies = false): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket, keepsBodies));
      });
    });
  }

  /** False once the server has closed it or said that it will. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** By callback, because a promise for each request is a cost that shows. */
  send(bytes: Buffer, settle: (outcome: Outcome) => void): void {
    if (this.#isOpen) {
      this.#settle = settle;
      this.#socket.write(bytes);
    } else settle(BROKEN);
  }

  exchange(bytes: Buffer): Promise<Outcome> {
    return new Promise((resolve) => this.send(bytes, resolve));
  }

  destroy(): void {
    this.#socket.destroy();
    this.#break();
  }

  #answer(response: Response): void {
    if (response.willClose) {
      this.#isOpen = false;
      this.#socket.end();
    }
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(response);
  }

  #break(): void {
    this.#isOpen = false;
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(BROKEN);
  }
}
