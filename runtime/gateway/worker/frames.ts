/**
 * Frames: what gateway and worker say to each other over the socket, little-endian.
 *
 *     | u32 length of the body | u32 id | u8 type | u8 flags | u16 n | body ... |
 *
 * Mirrors the worker's `frames.py` byte for byte; `test/fixtures/frames.json` tests both. The peer is not trusted: a
 * header that breaks the rules is a `ProtocolError`, and nothing is read after it.
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
} as const;

export type FrameType = (typeof FrameType)[keyof typeof FrameType];

const LAST_TYPE = FrameType.STOP;

export interface Frame {
  readonly type: FrameType;
  readonly id: number;
  readonly body: Buffer;
}

export class ProtocolError extends Error {}

export function encodeHeader(type: FrameType, id: number, bodyBytes: number): Buffer {
  if (bodyBytes > MAX_BODY_BYTES)
    throw new ProtocolError(`a body of ${bodyBytes} bytes is larger than ${MAX_BODY_BYTES}`);
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(bodyBytes, 0);
  header.writeUInt32LE(id, 4);
  header.writeUInt32LE(type, 8);
  return header;
}

interface Header {
  readonly bodyBytes: number;
  readonly id: number;
  readonly type: FrameType;
}

function decodeHeader(bytes: Buffer, offset: number): Header {
  const bodyBytes = bytes.readUInt32LE(offset);
  const type = bytes.readUInt8(offset + 8);
  const flags = bytes.readUInt8(offset + 9);
  const n = bytes.readUInt16LE(offset + 10);
  if (bodyBytes > MAX_BODY_BYTES)
    throw new ProtocolError(`a body of ${bodyBytes} bytes is larger than ${MAX_BODY_BYTES}`);
  if (flags !== 0 || n !== 0) throw new ProtocolError(`flags ${flags} and n ${n} mean nothing in this version`);
  if (type === 0 || type > LAST_TYPE) throw new ProtocolError(`${type} is no frame type`);
  return { bodyBytes, id: bytes.readUInt32LE(offset + 4), type: type as FrameType };
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
      this.onFrame({ type: header.type, id: header.id, body });
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
      else this.onFrame({ type: header.type, id: header.id, body: bytes.subarray(start, at) });
    }
    this.#headerStart = bytes.subarray(at);
  }

  #startGathering(header: Header, start: Buffer): void {
    const body = Buffer.allocUnsafe(header.bodyBytes);
    this.#gathering = { header, body, filledBytes: start.copy(body) };
  }
}
