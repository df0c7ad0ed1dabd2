/** How far the gateway's own front reads ahead of its answers, and what it does with bytes that never begin a request. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gate, queued, until } from '../../runtime/gate';
import { serve } from '../../runtime/serve';
import { dial, expectUnharmed, HEAD } from './raw';

const MIB = 1024 * 1024;

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

test('a peer that takes nothing of its answer is sent away in time, one that takes it slowly is not', async () => {
  const api = await serve({ handler: 'echo', overlay: { requestTimeoutMs: 4_000, maxBodyBytes: 40 * MIB } });
  const body = JSON.stringify({ value: 'x'.repeat(30 * MIB) });
  const [deaf, slow] = [dial(api), dial(api)];
  for (const { socket } of [deaf, slow]) socket.pause();
  for (const dialed of [deaf, slow]) dialed.send(`${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
  let read = 0;
  slow.socket.on('data', (bytes) => {
    read += bytes.length;
    slow.socket.pause();
    setTimeout(() => slow.socket.resume(), 5);
  });
  slow.socket.resume();
  await until(() => read > 30 * MIB);
  // A paused socket does not see that it was closed: its time, and a second in which the gateway notices.
  await sleep(6_000);
  // Less than that the system takes without a reader. What it had taken is still there; the end of the answer is not.
  deaf.socket.resume();
  await deaf.closed;
  expect(deaf.text.length).toBeLessThan(30 * MIB);
  await expectUnharmed(api);
});
