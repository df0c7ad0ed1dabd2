import { expect, test } from 'vitest';
import { type Response, ResponseReader } from '../../bench/serving/load/response-reader';

const FIXED = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n';
const REFUSED = 'HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

function read(...chunks: readonly string[]): { status: number; willClose: boolean; text?: string }[] {
  const responses: Response[] = [];
  const reader = new ResponseReader((response) => responses.push(response), true);
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return responses.map(({ status, willClose, body }) => ({ status, willClose, text: body?.toString() }));
}

test('a response is the same however its bytes are cut', () => {
  const whole = read(FIXED + CHUNKED + REFUSED);
  expect(whole).toEqual([
    { status: 200, willClose: false, text: 'hello' },
    { status: 200, willClose: false, text: 'hello, world' },
    { status: 503, willClose: true, text: '' },
  ]);
  expect(read(...(FIXED + CHUNKED + REFUSED))).toEqual(whole);
});

test('a response is not there before its last byte', () => {
  expect(read(FIXED.slice(0, -1))).toEqual([]);
  expect(read(CHUNKED.slice(0, -2))).toEqual([]);
});
