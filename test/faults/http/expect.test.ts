/** Clients that ask before they send their body: told to go on only when the body would be read. */
import { expect, test } from 'vitest';
import { serve } from '../../runtime/serve';
import { dial, expectUnharmed, HEAD } from './raw';

const ASKING = 'Expect: 100-continue\r\n';

test('told to go on, it sends its body and gets its answer', async () => {
  const api = await serve({ handler: 'echo' });
  const dialed = dial(api).send(`${HEAD}${ASKING}Connection: close\r\nContent-Length: 11\r\n\r\n`);
  expect(await dialed.until(/100 Continue\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  expect(await dialed.send('{"value":5}').end()).toMatchObject([{ status: 200, body: '5' }]);
});

test.each([
  ['a body beyond the limit', `${HEAD}${ASKING}Content-Length: 2000\r\n\r\n`, 413],
  ['a path where nothing is', `POST /x HTTP/1.1\r\nHost: a\r\n${ASKING}Content-Length: 10\r\n\r\n`, 404],
  ['a method that is not allowed', `PUT /predict HTTP/1.1\r\nHost: a\r\n${ASKING}Content-Length: 10\r\n\r\n`, 405],
  ['a coding that is not known', `${HEAD}${ASKING}Transfer-Encoding: gzip, chunked\r\n\r\n`, 400],
])('%s is refused before it comes', async (_, bytes, status) => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: 1000 } });
  const dialed = dial(api).send(bytes);
  await dialed.until(/"code":/);
  expect(dialed.answers).toMatchObject([{ status }]);
  expect(dialed.text).not.toContain('100 Continue');
  await expectUnharmed(api);
});

test('one that asks and goes away is forgotten', async () => {
  const api = await serve({ handler: 'echo' });
  const dialed = dial(api).send(`${HEAD}${ASKING}Content-Length: 11\r\n\r\n`);
  await dialed.until(/100 Continue/);
  dialed.socket.destroy();
  expect(await api.line(({ status }) => status === 499)).toMatchObject({ error: { code: 'disconnected' } });
  await expectUnharmed(api);
});

test('HTTP/1.0 cannot ask, and gets its answer alone', async () => {
  const api = await serve({ handler: 'echo' });
  const head = HEAD.replace('HTTP/1.1', 'HTTP/1.0');
  const dialed = dial(api).send(`${head}${ASKING}Content-Length: 11\r\n\r\n{"value":5}`);
  expect(await dialed.end()).toMatchObject([{ status: 200, body: '5' }]);
  expect(dialed.text).not.toContain('100 Continue');
});
