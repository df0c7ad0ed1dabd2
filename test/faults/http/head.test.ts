/** The request line and the headers: what no HTTP request may have, what it may, and what is made of it. */
import { expect, test } from 'vitest';
import { serve } from '../../runtime/serve';
import { dial, expectUnharmed, post, verdict } from './raw';

const get = (line: string, headers = 'Host: a\r\n') => `${line}\r\n${headers}\r\n`;
const withHeaders = (lines: string) => get('GET /healthz HTTP/1.1', `Host: a\r\n${lines}`);

const NO_HTTP: Record<string, string> = {
  'a folded header': withHeaders('X: a\r\n b\r\n'),
  'a first header that begins with a space': get('GET /healthz HTTP/1.1', ' X: a\r\nHost: a\r\n'),
  'bare line feeds': 'GET /healthz HTTP/1.1\nHost: a\n\n',
  'a bare line feed after a header': get('GET /healthz HTTP/1.1', 'Host: a\nX: b\r\n'),
  'a bare line feed at the end': 'GET /healthz HTTP/1.1\r\nHost: a\r\n\n',
  'a bare carriage return': get('GET /healthz HTTP/1.1', 'Host: a\rX: b\r\n'),
  'two carriage returns': 'GET /healthz HTTP/1.1\r\nHost: a\r\r\n\r\n',
  'NUL in a header': withHeaders('X: a\0b\r\n'),
  'a control character in a header': withHeaders('X: a\x01b\r\n'),
  'DEL in a header': withHeaders('X: a\x7fb\r\n'),
  'NUL in the name of a header': withHeaders('X\0Y: x\r\n'),
  'a space in the name of a header': withHeaders('X Y: x\r\n'),
  'no name of a header': withHeaders(': x\r\n'),
  'a header without a colon': withHeaders('X\r\n'),
  'another letter than ASCII in the name of a header': withHeaders('X\xc3\xa9: x\r\n'),
  'two hosts': withHeaders('Host: b\r\n'),
  'NUL in the path': get('GET /heal\0thz HTTP/1.1'),
  'a control character in the path': get('GET /heal\x01thz HTTP/1.1'),
  'a tab in the path': get('GET /heal\tthz HTTP/1.1'),
  'a space in the path': get('GET /heal thz HTTP/1.1'),
  'another letter than ASCII in the path': get('GET /heal\xc3\xa9 HTTP/1.1'),
  'a backslash for a path': get('GET \\healthz HTTP/1.1'),
  'no path': get('GET HTTP/1.1'),
  'a space behind the version': get('GET /healthz HTTP/1.1 '),
  'host and port for a path': get('GET a:443 HTTP/1.1'),
  'HTTP/0.9': 'GET /healthz\r\n\r\n',
  'HTTP/0.9 by name': get('GET /healthz HTTP/0.9'),
  'HTTP/1.2': get('GET /healthz HTTP/1.2'),
  'HTTP/1.01': get('GET /healthz HTTP/1.01'),
  'HTTP/2.0 by name': get('GET /healthz HTTP/2.0'),
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x12\x04\0\0\0\0\0',
  'a version in small letters': get('GET /healthz http/1.1'),
  'a method in small letters': get('get /healthz HTTP/1.1'),
  'a method that nobody knows': get('FROB /healthz HTTP/1.1'),
  'a method of 20 KB': `${'A'.repeat(20_000)} / HTTP/1.1\r\n\r\n`,
  'the greeting of TLS': `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${'a'.repeat(500)}`,
  'a hundred NULs': '\0'.repeat(100),
};

test('bytes that are no HTTP request are one 400, and the connection ends there', async () => {
  const api = await serve({ handler: 'echo' });
  for (const [what, bytes] of Object.entries(NO_HTTP)) {
    expect([what, await verdict(api, bytes)]).toEqual([what, '400 bad_request']);
    await expectUnharmed(api);
  }
});

const TOO_LARGE: Record<string, string> = {
  'a header of 20 KB': withHeaders(`X: ${'y'.repeat(20_000)}\r\n`),
  'a header of a megabyte, which is still being sent': withHeaders(`X: ${'y'.repeat(1_000_000)}\r\n`),
  'a target of 20 KB': get(`GET /${'y'.repeat(20_000)} HTTP/1.1`),
  'a hundred headers and one': withHeaders('X: y\r\n'.repeat(100)),
  'more headers than Node counts': withHeaders('X: y\r\n'.repeat(2_500)),
};

test('a head beyond 16 KiB or a hundred headers is one 431, and the connection ends there', async () => {
  const api = await serve({ handler: 'echo' });
  for (const [what, bytes] of Object.entries(TOO_LARGE)) {
    expect([what, await verdict(api, bytes)]).toEqual([what, '431 headers_too_large']);
    await expectUnharmed(api);
  }
});

const ALIVE = '200 {"status":"alive"}, 200 "behind"';
const NOT_FOUND = '404 not_found, 200 "behind"';

const TAKEN: [string, string, string][] = [
  ['a hundred headers', withHeaders('X: y\r\n'.repeat(99)), ALIVE],
  ['tabs and Latin-1 in a header', withHeaders('X: a\t\xe9\xff\r\n'), ALIVE],
  ['line ends before the request', `\r\n\r\n${withHeaders('')}`, ALIVE],
  ['an empty host', get('GET /healthz HTTP/1.1', 'Host:\r\n'), ALIVE],
  ['the whole URL', get('GET http://a/healthz?x=1 HTTP/1.1'), ALIVE],
  ['a body that nobody asked for', `${withHeaders('Content-Length: 5\r\n')}hello`, ALIVE],
  ['a wish for a WebSocket', withHeaders('Connection: Upgrade\r\nUpgrade: websocket\r\n'), ALIVE],
  [
    'a wish for HTTP/2',
    withHeaders('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'),
    ALIVE,
  ],
  ['a wish for another protocol, with a body', post(1, 'Connection: Upgrade\r\nUpgrade: x\r\n'), '200 1, 200 "behind"'],
  ['an expectation that nobody knows', post(1, 'Expect: 200-ok\r\n'), '200 1, 200 "behind"'],
  ['a URL of another scheme', get('GET ftp://a/healthz HTTP/1.1'), NOT_FOUND],
  ['an asterisk', get('OPTIONS * HTTP/1.1'), NOT_FOUND],
  ['a fragment', get('GET /healthz#x HTTP/1.1'), NOT_FOUND],
  ['a path with dots', get('GET /a/../healthz HTTP/1.1'), NOT_FOUND],
  ['a path with two slashes', get('GET //healthz HTTP/1.1'), NOT_FOUND],
  ['a path with escapes', get('GET /%68ealthz HTTP/1.1'), NOT_FOUND],
  ['an escape that is none', get('GET /%zz HTTP/1.1'), NOT_FOUND],
  ['a method of WebDAV', get('PROPFIND /healthz HTTP/1.1'), '405 method_not_allowed, 200 "behind"'],
  ['TRACE', get('TRACE /healthz HTTP/1.1'), '405 method_not_allowed, 200 "behind"'],
  ['a wish for a tunnel', get('CONNECT a:443 HTTP/1.1'), '405 method_not_allowed'],
  ['no host', get('GET /healthz HTTP/1.1', ''), '400 bad_request, 200 "behind"'],
  ['HTTP/1.0, which closes', 'GET /healthz HTTP/1.0\r\n\r\n', '200 {"status":"alive"}'],
  ['HTTP/1.0 that asks to go on', 'GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', ALIVE],
];

test('what HTTP allows is answered for what it is, and so is the next request', async () => {
  const api = await serve({ handler: 'echo' });
  for (const [what, bytes, answers] of TAKEN) {
    expect([what, await verdict(api, bytes)]).toEqual([what, answers]);
  }
  await expectUnharmed(api);
});

test('HEAD says how long the body would be, and sends none', async () => {
  const api = await serve({ handler: 'echo' });
  const [answer] = await dial(api).send(get('HEAD /healthz HTTP/1.1', 'Host: a\r\nConnection: close\r\n')).end();
  expect(answer).toMatchObject({ status: 200, body: '' });
  expect(answer?.headers.get('content-length')).toBe('18');
});
