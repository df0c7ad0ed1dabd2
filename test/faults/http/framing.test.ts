/** Where a body ends: whatever two readers could read differently is refused, and nothing behind it is read. */
import { expect, test } from 'vitest';
import { serve } from '../../runtime/serve';
import { expectUnharmed, HEAD, post, verdict } from './raw';

const VALUE = '{"value":1}';
const CHUNKS = `b\r\n${VALUE}\r\n0\r\n\r\n`;

const chunked = (chunks: string) => `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}`;
const sized = (header: string, body = VALUE) => `${HEAD}${header}\r\n\r\n${body}`;

const REFUSED: Record<string, string> = {
  'a length and chunks': sized('Content-Length: 5\r\nTransfer-Encoding: chunked', CHUNKS),
  'chunks and a length': sized('Transfer-Encoding: chunked\r\nContent-Length: 5', CHUNKS),
  'a length and an empty coding': sized('Transfer-Encoding:\r\nContent-Length: 11'),
  'two lengths': sized('Content-Length: 11\r\nContent-Length: 12'),
  'the same length twice': sized('Content-Length: 11\r\nContent-Length: 11'),
  'a list of lengths': sized('Content-Length: 11, 11'),
  'a negative length': sized('Content-Length: -1'),
  'a length with a sign': sized('Content-Length: +11'),
  'a hexadecimal length': sized('Content-Length: 0xb'),
  'an empty length': sized('Content-Length:'),
  'a length beyond 64 bits': sized('Content-Length: 99999999999999999999'),
  'a space in a length': sized('Content-Length: 1 1'),
  'a space before the colon of a length': sized('Content-Length : 11'),
  'a space before the colon of a coding': sized('Transfer-Encoding : chunked', CHUNKS),
  'a coding other than chunked': sized('Transfer-Encoding: gzip', CHUNKS),
  'a coding before chunked': sized('Transfer-Encoding: gzip, chunked', CHUNKS),
  'a coding after chunked': sized('Transfer-Encoding: chunked, gzip', CHUNKS),
  'chunked twice': sized('Transfer-Encoding: chunked, chunked', CHUNKS),
  'chunked twice, in two headers': sized('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', CHUNKS),
  'the coding identity': sized('Transfer-Encoding: identity', CHUNKS),
  'an empty coding': sized('Transfer-Encoding:', ''),
  'a coding that only looks like chunked': sized('Transfer-Encoding: \x0bchunked', CHUNKS),
  'chunks in HTTP/1.0': `POST /predict HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
  'a chunk size that is no number': chunked('zz\r\n'),
  'a negative chunk size': chunked('-1\r\n'),
  'a chunk size beyond 64 bits': chunked('fffffffffffffffff\r\n'),
  'a chunk size with 0x': chunked('0xb\r\n{"value":1}\r\n0\r\n\r\n'),
  'a chunk size with a sign': chunked('+b\r\n{"value":1}\r\n0\r\n\r\n'),
  'a space after a chunk size': chunked('b \r\n{"value":1}\r\n0\r\n\r\n'),
  'chunks with bare line feeds': chunked('b\n{"value":1}\n0\n\n'),
  'a chunk without its line end': chunked('b\r\n{"value":1}0\r\n\r\n'),
  'a chunk longer than its size': chunked('a\r\n{"value":1}\r\n0\r\n\r\n'),
  'chunk extensions beyond 16 KiB': chunked(`b;${'a'.repeat(20_000)}\r\n{"value":1}\r\n0\r\n\r\n`),
};

test('framing that two readers could read differently is one 400, and the connection ends there', async () => {
  const api = await serve({ handler: 'echo' });
  for (const [what, bytes] of Object.entries(REFUSED)) {
    expect([what, await verdict(api, bytes)]).toEqual([what, '400 bad_request']);
    await expectUnharmed(api);
  }
});

const TAKEN: Record<string, string> = {
  'a length': post(1),
  chunks: chunked(CHUNKS),
  'a coding in capitals': sized('Transfer-Encoding: CHUNKED', CHUNKS),
  'chunk extensions': chunked('b;a=b\r\n{"value":1}\r\n0\r\n\r\n'),
  'a trailer, which is ignored': chunked('b\r\n{"value":1}\r\n0\r\nX-Api-Key: y\r\n\r\n'),
  'a chunk a byte': chunked(`${[...VALUE].map((byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`),
};

test('a body that ends where it says is taken, and so is the next request', async () => {
  const api = await serve({ handler: 'echo' });
  for (const [what, bytes] of Object.entries(TAKEN)) {
    expect([what, await verdict(api, bytes)]).toEqual([what, '200 1, 200 "behind"']);
  }
});

test('trailers beyond 16 KiB are as too large as headers', async () => {
  const api = await serve({ handler: 'echo' });
  expect(await verdict(api, chunked(`b\r\n{"value":1}\r\n0\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`))).toBe(
    '431 headers_too_large',
  );
  await expectUnharmed(api);
});
