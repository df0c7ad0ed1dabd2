/**
 * Undoes a request's Content-Encoding: gzip and deflate, within a limit on what comes out. A body that would grow beyond
 * it is given up as soon as it does, so that a small body never costs more memory than a large one; and few are undone at
 * a time, so that many small ones do not either.
 */
import { promisify } from 'node:util';
import { gunzip, type InputType, inflate, inflateRaw, type Zlib, type ZlibOptions } from 'node:zlib';
import { Errors } from './errors';

/** What `Accept-Encoding` tells a caller whose coding is none of them. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate';

/** Zlib works on libuv's four threads, and each body in work may be as large as the limit. */
const AT_A_TIME = 4;

interface Decoded {
  readonly buffer: Buffer;
  /** `bytesWritten`: how much of the input the decoder wanted. */
  readonly engine: Zlib;
}

type Decoder = (body: InputType, options: ZlibOptions) => Promise<unknown>;

const DECODERS: Readonly<Record<string, (body: Buffer) => Decoder>> = {
  gzip: () => promisify(gunzip),
  // RFC 9110, 8.4.1.3: the same, under its old name.
  'x-gzip': () => promisify(gunzip),
  deflate: (body) => promisify(hasZlibHeader(body) ? inflate : inflateRaw),
};

/** Throws an error for the caller: 415 for another coding, 413 for too much, 400 for bytes that are not what they say. */
export async function decodeContent(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const coding = (encoding ?? '').trim().toLowerCase();
  if (coding === '' || coding === 'identity') return body;
  const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  if (decoder === undefined) throw Errors.unsupportedEncoding(coding, ACCEPTED_ENCODINGS);
  // Nothing is nothing in every coding; clients that have no body say how they would have sent one.
  if (body.length === 0) return body;
  await turn();
  try {
    return await decode(decoder(body), body, coding, maxBytes);
  } finally {
    pass();
  }
}

async function decode(decoder: Decoder, body: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  let decoded: Decoded;
  try {
    decoded = (await decoder(body, { maxOutputLength: maxBytes, info: true } as ZlibOptions)) as Decoded;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw Errors.payloadTooLarge(maxBytes, coding);
    throw Errors.badRequest(`The body cannot be decoded as ${coding}: ${message}.`);
  }
  // What one reader ignores is another's request.
  if (decoded.engine.bytesWritten < body.length)
    throw Errors.badRequest(`The body goes on after the end of its ${coding} data.`);
  return decoded.buffer;
}

/**
 * `deflate` is the zlib format (RFC 1950), but some clients send the bare data (RFC 1951) under that name. The first
 * two bytes tell: read as bare data, they would begin a stored block with padding that nobody writes.
 */
function hasZlibHeader(body: Buffer): boolean {
  const [first = 0, second = 0] = body;
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}

let running = 0;
const waiting: (() => void)[] = [];

function turn(): Promise<void> | undefined {
  if (running === AT_A_TIME) return new Promise((resolve) => waiting.push(resolve));
  running += 1;
  return undefined;
}

function pass(): void {
  const next = waiting.shift();
  if (next === undefined) running -= 1;
  else next();
}
