/** Bodies that were compressed: which codings are undone, within which limit, and what is told about all others. */
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeContent } from '../../../runtime/gateway/content-encoding';
import { serve } from '../serve';

const TEXT = Buffer.from('{"value": 1}');
const LIMIT = 1000;

test.each([
  ['no coding', undefined, TEXT],
  ['an empty one', ' ', TEXT],
  ['identity', 'identity', TEXT],
  ['gzip', 'gzip', gzipSync(TEXT)],
  ['gzip in capitals', 'GZIP', gzipSync(TEXT)],
  ['gzip under its old name', 'x-gzip', gzipSync(TEXT)],
  ['gzip in two members', 'gzip', Buffer.concat([gzipSync(TEXT.subarray(0, 5)), gzipSync(TEXT.subarray(5))])],
  ['deflate', 'deflate', deflateSync(TEXT)],
  ['deflate without its wrapping', 'deflate', deflateRawSync(TEXT)],
  ['deflate of the weakest kind, without its wrapping', 'deflate', deflateRawSync(TEXT, { level: 0 })],
])('%s is undone', async (_, encoding, body) => {
  expect(await decodeContent(body, encoding, LIMIT)).toEqual(TEXT);
});

test('any bytes come out as they went in', async () => {
  const codings = { gzip: [gzipSync], deflate: [deflateSync, deflateRawSync] };
  const coding = fc.constantFrom(...(Object.keys(codings) as (keyof typeof codings)[]));
  const property = fc.asyncProperty(
    fc.uint8Array({ maxLength: 500 }),
    coding,
    fc.nat(9),
    async (bytes, name, level) => {
      const body = Buffer.from(bytes);
      for (const encode of codings[name])
        expect(await decodeContent(encode(body, { level }), name, LIMIT)).toEqual(body);
    },
  );
  await fc.assert(property);
});

test('the limit holds for what comes out, to the byte', async () => {
  const exactly = Buffer.alloc(LIMIT, 'x');
  expect(await decodeContent(gzipSync(exactly), 'gzip', LIMIT)).toEqual(exactly);
  const refused = decodeContent(gzipSync(Buffer.alloc(LIMIT + 1, 'x')), 'gzip', LIMIT);
  await expect(refused).rejects.toMatchObject({
    code: 'payload_too_large',
    message: 'The body is larger than 1000 bytes once its gzip is undone.',
  });
});

test.each([
  ['what is no gzip', 'gzip', TEXT],
  ['a half of it', 'gzip', gzipSync(TEXT).subarray(0, 15)],
  ['a wrong checksum', 'gzip', Buffer.concat([gzipSync(TEXT).subarray(0, -8), Buffer.alloc(8)])],
  ['bytes behind its end', 'gzip', Buffer.concat([gzipSync(TEXT), TEXT])],
  ['a half of deflate', 'deflate', deflateSync(TEXT).subarray(0, 8)],
  ['bytes behind the end of deflate', 'deflate', Buffer.concat([deflateSync(TEXT), TEXT])],
  ['what is no deflate', 'deflate', Buffer.from([0xff, 0xff, 0xff])],
])('bad_request: %s', async (_, encoding, body) => {
  await expect(decodeContent(body, encoding, LIMIT)).rejects.toMatchObject({ code: 'bad_request' });
});

test('any bytes at all are decoded or refused', async () => {
  const property = fc.asyncProperty(fc.uint8Array(), fc.constantFrom('gzip', 'deflate'), async (bytes, coding) => {
    const refused = await decodeContent(Buffer.from(bytes), coding, LIMIT).catch((error) => error.code);
    expect(Buffer.isBuffer(refused) ? 'decoded' : refused).toMatch(/^(decoded|bad_request|payload_too_large)$/);
  });
  await fc.assert(property);
});

test.each(['br', 'gzip, gzip', 'gzip, identity', 'compress', 'constructor', 'x'.repeat(1000)])(
  'the coding %j is refused with those that are not',
  async (encoding) => {
    await expect(decodeContent(TEXT, encoding, LIMIT)).rejects.toMatchObject({
      code: 'unsupported_media_type',
      details: { headers: { 'Accept-Encoding': 'gzip, deflate' } },
    });
  },
);

test('a compressed body is judged and answered like any other', async () => {
  const api = await serve({ handler: 'typed', overlay: { maxBodyBytes: 1000 } });
  const send = (input: unknown, encoding = 'gzip') =>
    api.postRaw(gzipSync(JSON.stringify(input)), { 'content-type': 'application/json', 'content-encoding': encoding });
  expect(await send({ features: [1, 2], text: 'a' })).toMatchObject({ status: 200, json: { sum: 3 } });
  expect(await send({ features: [1, 2] })).toMatchObject({ status: 422, json: { errors: [{ path: '$.text' }] } });
  expect(await send({ text: 'x'.repeat(5000) })).toMatchObject({ status: 413, json: { code: 'payload_too_large' } });
  expect(await send({}, 'deflate')).toMatchObject({ status: 400, json: { code: 'bad_request' } });
  const refused = await send({}, 'br');
  expect(refused).toMatchObject({ status: 415, json: { code: 'unsupported_media_type' } });
  expect(refused.headers.get('accept-encoding')).toBe('gzip, deflate');
});
