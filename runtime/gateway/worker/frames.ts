/**
 * Frames: what gateway and worker say to each other over the socket, little-endian.
 *
 *     | u32 length of the body | u32 id | u8 type | u8 flags | u16 n | body ... |
 *
 * Mirrors the worker's `frames.py` byte for byte; `test/fixtures/frames.json` tests both. The peer is not trusted: a
 * header that breaks the rules is a `ProtocolError`, and nothing is read after it.
 *
 *     gateway                                     worker
 *     START                                  ->
 *                                            <-   HELLO, then READY or FAILED
 *     REQUEST (n: bytes of context)          ->
 *     BATCH (n: how many) REQUEST REQUEST …  ->
 *                                            <-   RESULT or ERROR (n: duration of the call), for every REQUEST one
 *                                            <-   CHUNK (n: items) …, then END or ERROR, of a generator
 *     CREDIT (n: further CHUNKs), CANCEL     ->
 *                                            <-   LOG, METRIC
 *     STOP                                   ->
 *
 * Of a zygote, which loads the handler and is forked into workers (id: the number of the fork):
 *
 *     START                                  ->
 *                                            <-   HELLO, then READY or FAILED; LOG, METRIC
 *     FORK                                   ->
 *                                            <-   FORKED, then EXIT
 */

export const HEADER_BYTES = 12;

/** Room for the largest body a gateway admits many times over, and still a bound on what one bad header can allocate. */
export const MAX_BODY_BYTES = 256 * 1024 * 1024;

export const FrameType = {
  HELLO: 1,
  START: 2,
  READY: 3,
  FAILED: 4,
  REQUEST: 5,
  RESULT: 6,
  ERROR: 7,
  CANCEL: 8,
  LOG: 9,
  STOP: 10,
  CHUNK: 11,
  END: 12,
  CREDIT: 13,
  BATCH: 14,
  METRIC: 15,
  FORK: 16,
  FORKED: 17,
  EXIT: 18,
} as const;

export type FrameType = (typeof FrameType)[keyof typeof FrameType];

const LAST_TYPE = FrameType.EXIT;

/** What the bits of a frame's flags mean. */
export const Flag = {
  /** REQUEST, RESULT: the body is packed arrays (`packed.ts`) and not JSON. */
  PACKED: 1,
  /** REQUEST: the answer may be packed. */
  ARRAYS: 2,
  /** REQUEST: the arrays have one row for each item of the batch. */
  ROWS: 4,
  /** CHUNK: raw bytes and not lines of JSON. */
  BYTES: 8,
} as const;

const ALL_FLAGS = 15;

/** CHUNKs that a worker may send of one stream before it is given CREDIT for more. */
export const STREAM_CREDIT = 8;

/** A duration in `n`: microseconds below this, else this and milliseconds; 33 s is the longest that it says. */
const MILLISECONDS = 0x8000;
const LONGEST = 0xffff;

/** Undefined of one that took longer. */
export function durationMs(n: number): number | undefined {
  if (n === LONGEST) return undefined;
  return n < MILLISECONDS ? n / 1000 : n - MILLISECONDS;
}

export interface Frame {
  readonly type: FrameType;
  readonly id: number;
  readonly flags: number;
  readonly n: number;
  readonly body: Buffer;
}

/** The peer sent something that is no frame: the connection is lost. */
export class ProtocolError extends Error {}

export function encodeHeader(type: FrameType, id: number, bodyBytes: number, flags = 0, n = 0): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  writeHeader(header, 0, type, id, bodyBytes, flags, n);
  return header;
}

/** Writes the header's bytes from `at` on. */
export function writeHeader(
  bytes: Buffer,
  at: number,
  type: FrameType,
  id: number,
  bodyBytes: number,
  flags: number,
  n: number,
): void {
  if (bodyBytes > MAX_BODY_BYTES)
    throw new ProtocolError(`a body of ${bodyBytes} bytes is larger than ${MAX_BODY_BYTES}`);
  bytes.writeUInt32LE(bodyBytes, at);
  bytes.writeUInt32LE(id, at + 4);
  bytes.writeUInt8(type, at + 8);
  bytes.writeUInt8(flags, at + 9);
  bytes.writeUInt16LE(n, at + 10);
}

interface Header extends Omit<Frame, 'body'> {
  readonly bodyBytes: number;
}

function decodeHeader(bytes: Buffer, offset: number): Header {
  const bodyBytes = bytes.readUInt32LE(offset);
  const type = bytes.readUInt8(offset + 8);
  const flags = bytes.readUInt8(offset + 9);
  if (bodyBytes > MAX_BODY_BYTES)
    throw new ProtocolError(`a body of ${bodyBytes} bytes is larger than ${MAX_BODY_BYTES}`);
  if (flags > ALL_FLAGS) throw new ProtocolError(`flags ${flags} mean nothing in this version`);
  if (type === 0 || type > LAST_TYPE) throw new ProtocolError(`${type} is no frame type`);
  const id = bytes.readUInt32LE(offset + 4);
  return { bodyBytes, id, type: type as FrameType, flags, n: bytes.readUInt16LE(offset + 10) };
}

interface Gathering {
  readonly header: Header;
  readonly body: Buffer;
  filledBytes: number;
}

const NOTHING = Buffer.alloc(0);

/**
 * Cuts a byte stream into frames, however it was split. A frame that lies within one chunk is a view of it; one that
 * does not is gathered into a buffer of its announced length, so that no growing buffer is ever copied.
 */
export class FrameReader {
  /** The first bytes of a header whose end has not come; empty while a body is gathered. */
  #headerStart: Buffer = NOTHING;
  #gathering?: Gathering;

  constructor(private readonly onFrame: (frame: Frame) => void) {}

  /** Hands on the frames that `chunk` completes; those before a broken header too. */
  read(chunk: Buffer): void {
    const rest = this.#gathering === undefined ? chunk : this.#gather(this.#gathering, chunk);
    if (rest.length > 0) this.#cut(this.#headerStart.length > 0 ? Buffer.concat([this.#headerStart, rest]) : rest);
  }

  /** The stream has ended: whatever is half read is an error. */
  end(): void {
    if (this.#gathering !== undefined) throw new ProtocolError('the connection ended inside a body');
    if (this.#headerStart.length > 0) throw new ProtocolError('the connection ended inside a header');
  }

  #gather(gathering: Gathering, chunk: Buffer): Buffer {
    const { header, body } = gathering;
    const taken = chunk.copy(body, gathering.filledBytes);
    gathering.filledBytes += taken;
    if (gathering.filledBytes === body.length) {
      this.#gathering = undefined;
      this.onFrame(frameOf(header, body));
    }
    return chunk.subarray(taken);
  }

  #cut(bytes: Buffer): void {
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const header = decodeHeader(bytes, at);
      const start = at + HEADER_BYTES;
      at = start + header.bodyBytes;
      if (at > bytes.length) this.#startGathering(header, bytes.subarray(start));
      else this.onFrame(frameOf(header, bytes.subarray(start, at)));
    }
    this.#headerStart = bytes.subarray(at);
  }

  #startGathering(header: Header, start: Buffer): void {
    const body = Buffer.allocUnsafe(header.bodyBytes);
    this.#gathering = { header, body, filledBytes: start.copy(body) };
  }
}

const frameOf = ({ type, id, flags, n }: Header, body: Buffer): Frame => ({ type, id, flags, n, body });
