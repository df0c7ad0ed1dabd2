/** Undoes a request's Content-Encoding, gzip or deflate, within a limit on what comes out. */
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { Errors } from './errors';

export async function decodeContent(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const coding = encoding ?? 'identity';
  if (coding === 'identity') return body;
  if (coding !== 'gzip' && coding !== 'deflate')
    throw Errors.unsupportedMediaType(`Content-Encoding ${coding} is not supported.`);
  const decode = promisify(coding === 'gzip' ? gunzip : inflate) as (b: Buffer, o: object) => Promise<Buffer>;
  try {
    return await decode(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw Errors.payloadTooLarge(maxBytes);
    throw Errors.badRequest(`The body cannot be decoded as ${coding}.`);
  }
}
