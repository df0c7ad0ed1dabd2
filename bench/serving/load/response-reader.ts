/**
 * Reads responses from a socket's chunks with as little work as can be: where one ends, its status, whether the server
 * will close. A driver that shares the machine with the server must be cheap.
 */

const HEAD_END = Buffer.from('\r\n\r\n');

export interface Response {
  readonly status: number;
  readonly willClose: boolean;
  /** Only when asked for. */
  readonly body?: Buffer;
}

type Chunked = 'size' | 'data' | 'trailer';

export class ResponseReader {
  #pending: Buffer = Buffer.alloc(0);
  /** Undefined while the head is awaited. */
  #status?: number;
  #willClose = false;
  #bytesLeft = 0;
  #chunked?: Chunked;
  #body: Buffer[] = [];

  constructor(
    private readonly onResponse: (response: Response) => void,
    private readonly keepsBodies = false,
  ) {}

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#advance());
  }

  /** Without a length the end of the connection is the end of the body. */
  end(): void {
    if (this.#status !== undefined && this.#bytesLeft === Number.POSITIVE_INFINITY) this.#finish();
  }

  #advance(): boolean {
    if (this.#status === undefined) return this.#readHead();
    if (this.#chunked === 'size' || this.#chunked === 'trailer') return this.#readChunkLine();
    return this.#readData();
  }

  #readHead(): boolean {
    const end = this.#pending.indexOf(HEAD_END);
    if (end === -1) return false;
    const head = this.#pending.toString('latin1', 0, end).toLowerCase();
    this.#take(end + HEAD_END.length);
    const status = Number(head.slice(9, 12));
    if (status === 100) return true;
    this.#status = status;
    this.#willClose = /\r\nconnection: *close/.test(head);
    this.#chunked = /\r\ntransfer-encoding: *chunked/.test(head) ? 'size' : undefined;
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
    this.#bytesLeft = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
    if (this.#chunked === undefined && this.#bytesLeft === 0) this.#finish();
    return true;
  }

  #readChunkLine(): boolean {
    const end = this.#pending.indexOf('\r\n');
    if (end === -1) return false;
    const line = this.#pending.toString('latin1', 0, end);
    this.#take(end + 2);
    if (this.#chunked === 'trailer') {
      if (line === '') this.#finish();
      return true;
    }
    const size = Number.parseInt(line, 16);
    this.#chunked = size === 0 ? 'trailer' : 'data';
    // The line end after the data is counted with it.
    this.#bytesLeft = size + 2;
    return true;
  }

  #readData(): boolean {
    const size = Math.min(this.#pending.length, this.#bytesLeft);
    if (size === 0) return false;
    if (this.keepsBodies) this.#keep(size);
    this.#take(size);
    this.#bytesLeft -= size;
    if (this.#bytesLeft > 0) return false;
    if (this.#chunked === undefined) this.#finish();
    else this.#chunked = 'size';
    return true;
  }

  #keep(size: number): void {
    const data = this.#chunked === undefined ? size : Math.min(size, Math.max(0, this.#bytesLeft - 2));
    this.#body.push(Buffer.from(this.#pending.subarray(0, data)));
  }

  #take(size: number): void {
    this.#pending = this.#pending.subarray(size);
  }

  #finish(): void {
    const body = this.keepsBodies ? Buffer.concat(this.#body) : undefined;
    const response = { status: this.#status as number, willClose: this.#willClose, body };
    this.#status = undefined;
    this.#chunked = undefined;
    this.#body = [];
    this.onResponse(response);
  }
}
