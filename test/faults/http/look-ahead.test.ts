/** How far the gateway's own front reads ahead of its answers, and what it does with bytes that never begin a request. */
import { expect, test } from 'vitest';
import { gate, queued } from '../../runtime/gate';
import { serve } from '../../runtime/serve';
import { dial, expectUnharmed, HEAD } from './raw';

function held(name: string, file: string): string {
  const body = JSON.stringify({ name, until: file });
  return `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
}

test('of one connection 128 requests are taken at a time, and all are answered', async () => {
  const api = await serve({ handler: 'held', overlay: { queueRequests: 1_000 } });
  const door = gate();
  const dialed = dial(api).send(held('first', door.file));
  await api.output('began first');
  dialed.send(Array.from({ length: 300 }, (_, at) => held(`${at}`, '/dev/null')).join(''));
  await queued(api, 127);
  door.open();
  await dialed.until(/"299"/);
  const bodies = dialed.answers.map(({ body }) => body);
  expect(bodies).toEqual(['"first"', ...Array.from({ length: 300 }, (_, at) => `"${at}"`)]);
});

test('a client that sends nothing but empty lines is sent away in time', async () => {
  const overlay = { headersTimeoutMs: 300, keepAliveTimeoutMs: 200, requestTimeoutMs: 600 };
  const api = await serve({ handler: 'echo', overlay });
  const dialed = dial(api).send('\r\n\r\n');
  await dialed.closed;
  expect(dialed.answers.filter(({ status }) => status === 200)).toEqual([]);
  await expectUnharmed(api);
});
