/**
 * Random bytes in every part of a request, on every route: whatever comes, the gateway answers with one of its documented
 * failures or hangs up, in time, and lives. A failure prints the seed and the bytes, which run it again.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FAILURES } from '../../../runtime/gateway/errors';
import { type Serving, serve } from '../../runtime/serve';
import { dial, expectUnharmed, type Heard } from './raw';

const RUNS = 5_000;

/** Long for a gateway that answers in a millisecond, on a machine that does other things too. */
const HANG_MS = 10_000;

/** What a request may be answered with. With nobody else there, only a deadline of its own is a 5xx. */
const CALLERS_FAULT = new Set(Object.values(FAILURES).filter(({ status }) => status < 500 && status !== 499));
const DOCUMENTED = new Set([200, 504, ...[...CALLERS_FAULT].map(({ status }) => status)]);

const pick = (...texts: string[]) => fc.constantFrom(...texts);
const byte = fc.nat(255).map((code) => String.fromCharCode(code));
const bytes = (maxLength: number) => fc.string({ unit: byte, maxLength });
const token = fc.string({ unit: pick(..."aZ09!#$%&'*+-.^_`|~"), minLength: 1, maxLength: 20 });

const often = <T>(usual: fc.Arbitrary<T>, weight: number, ...others: fc.Arbitrary<T>[]) =>
  fc.oneof({ arbitrary: usual, weight }, ...others.map((arbitrary) => ({ arbitrary, weight: 1 })));

const method = often(
  pick('POST', 'GET', 'HEAD', 'OPTIONS'),
  8,
  pick('PUT', 'DELETE', 'CONNECT', 'PRI', 'M-SEARCH'),
  bytes(8),
);
const route = pick('/predict', '/openapi.json', '/healthz', '/readyz', '/metrics');
const target = often(
  route,
  8,
  fc.tuple(route, bytes(10)).map((parts) => parts.join('')),
  pick('*', 'a:1', 'http://'),
  bytes(40),
);
const version = often(pick('HTTP/1.1'), 10, pick('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', ''), bytes(10));
const space = often(pick(' '), 20, bytes(2));
const lineEnd = often(pick('\r\n'), 30, pick('\n', '\r', '\r\r\n', '\r\n ', ''), bytes(2));

const VALUES: Record<string, fc.Arbitrary<string>> = {
  Host: pick('a', '', 'a, b', '\xff'),
  'Content-Type': often(pick('application/json'), 4, pick('text/plain', 'application/json; charset=utf-16'), bytes(20)),
  'Content-Encoding': pick('gzip', 'deflate', 'identity', 'br', 'gzip, gzip', ''),
  'Content-Length': pick('0', '1', '11', '11, 11', '-1', '99999999999999999999', '1e3', '0x10', ''),
  'Transfer-Encoding': often(pick('chunked'), 3, pick('gzip', 'chunked, chunked', 'gzip, chunked', 'identity', '')),
  Connection: pick('keep-alive', 'close', 'upgrade', 'te, close', 'Content-Length'),
  Expect: pick('100-continue', '100-continue, x', '200'),
  Upgrade: pick('h2c', 'websocket'),
  Origin: pick('https://a.example', 'null', ''),
  'Access-Control-Request-Method': pick('POST', ''),
  'X-Request-Id': often(token, 1, bytes(200)),
  'X-Model-Api-Timeout-Ms': pick('1', '1000', '0', '-1', '1e9', '99999999999999999999', 'x'),
  traceparent: pick('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0-0-00', ''),
  'X-Api-Key': bytes(20),
};

const known = fc.oneof(...Object.entries(VALUES).map(([name, value]) => value.map((text) => `${name}: ${text}`)));
const header = often(
  known,
  6,
  fc.tuple(token, bytes(20)).map(([name, text]) => `${name}: ${text}`),
  bytes(30),
);

const json = often(
  fc.jsonValue().map((value) => JSON.stringify({ value })),
  3,
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.nat(600).map((depth) => `{"value": ${'['.repeat(depth)}${']'.repeat(depth)}}`),
  pick('{"value": 1e400}', '{"value": "\\ud800"}', '{"value": NaN}', '\ufeff{}', '{"value": 1', '{}', '""'),
);
const content = often(json, 4, bytes(200)).map((text) => Buffer.from(text, 'utf8').toString('latin1'));

const size = often(fc.constant(undefined), 6, pick('0', 'ffffffffffffffff', '-1', 'zz', '1;a=b', ''));
const chunk = fc.tuple(size, content).map(([wrong, text]) => `${wrong ?? text.length.toString(16)}\r\n${text}\r\n`);
const body = fc.oneof(
  content.map((text) => ({ framing: [`Content-Length: ${text.length}`], text })),
  fc.array(chunk, { maxLength: 4 }).map((chunks) => ({
    framing: ['Transfer-Encoding: chunked'],
    text: `${chunks.join('')}0\r\n\r\n`,
  })),
  content.map((text) => ({ framing: [], text })),
);

const requestLine = often(
  pick('POST /predict HTTP/1.1'),
  1,
  fc.tuple(method, space, target, space, version).map((parts) => parts.join('')),
);

const headers = often(fc.array(known, { maxLength: 2 }), 1, fc.array(header, { maxLength: 6 }));

const request = fc.tuple(requestLine, headers, body, lineEnd).map(([line, more, { framing, text }, end]) => {
  const usual = ['Host: a', 'Content-Type: application/json', ...framing];
  return `${line}${end}${[...usual, ...more].join('\r\n')}\r\n${end}${text}`;
});

/** Requests one after the other, cut off somewhere or not, or no requests at all. */
const connection = often(
  fc.array(request, { minLength: 1, maxLength: 3 }).map((requests) => requests.join('')),
  8,
  fc
    .tuple(request, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([text, part]) => text.slice(0, text.length * part)),
  bytes(300),
);

/** Sends the bytes, then nothing more, and hears what comes until the gateway hangs up. */
async function heard(api: Serving, sent: string): Promise<Heard[]> {
  const dialed = dial(api).send(sent);
  dialed.socket.end();
  const timer = setTimeout(() => dialed.socket.destroy(new Error('hangs')), HANG_MS);
  const answers = await dialed.end();
  clearTimeout(timer);
  if (dialed.socket.errored?.message === 'hangs') throw new Error('The gateway neither answers nor hangs up.');
  return answers;
}

test('no bytes kill the gateway, make it hang, or get an answer that is not documented', async () => {
  const overlay = { cors: { allowOrigins: ['https://a.example'] }, maxBodyBytes: 1_000 };
  const api = await serve({ handler: 'echo', overlay });
  const seen = new Set<number>();
  const property = fc.asyncProperty(connection, async (sent) => {
    for (const { status } of await heard(api, sent)) {
      seen.add(status);
      // A preflight's own.
      if (status !== 204 && !DOCUMENTED.has(status)) throw new Error(`${status} is not documented for this.`);
    }
    if (api.gateway.exitCode !== null) throw new Error(`The gateway is dead: ${JSON.stringify(api.events('failed'))}`);
  });
  // Not shrunk: what died of one sample fails at all smaller ones.
  await fc.assert(property, { numRuns: RUNS, interruptAfterTimeLimit: 20_000, endOnFailure: true, reporter: report });
  await expectUnharmed(api);
  // Otherwise the bytes were all of one kind, and showed nothing.
  expect([...seen]).toEqual(expect.arrayContaining([200, 400, 404, 405, 422]));
  expect(api.logs.filter(({ error }) => (error as { code?: string })?.code === 'internal')).toEqual([]);
}, 60_000);

function report({ failed, seed, counterexamplePath, counterexample, errorInstance }: fc.RunDetails<[string]>): void {
  if (!failed) return;
  const [sent = ''] = counterexample ?? [];
  const how = `fc.assert(property, { seed: ${seed}, path: '${counterexamplePath}' })`;
  throw new Error(`${(errorInstance as Error)?.message}\nAgain: ${how}\nBytes: ${JSON.stringify(sent)}`);
}
