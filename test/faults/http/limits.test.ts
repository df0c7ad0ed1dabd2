/** Clients that are slow, large or many: each costs its own connection, a bounded piece of memory, and nobody else. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Serving, serve } from '../../runtime/serve';
import { type Dialed, dial, expectUnharmed, HEAD, verdict } from './raw';

const MIB = 1024 * 1024;

/** Of the gateway alone, in bytes. */
function residentBytes(api: Serving): number {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${api.pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

/** A byte now and then, for as long as the gateway listens. */
async function drip(dialed: Dialed, bytes: string): Promise<void> {
  for (const byte of bytes) {
    if (!dialed.socket.writable) return;
    dialed.send(byte);
    await sleep(20);
  }
}

const HASTY = { headersTimeoutMs: 300, keepAliveTimeoutMs: 200, requestTimeoutMs: 600 };

test('a client that drips its headers is sent away in time, however steadily they come', async () => {
  const api = await serve({ handler: 'echo', overlay: HASTY });
  const dialed = dial(api);
  void drip(dialed, `POST /predict HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(1_000)}`);
  const [answer] = await dialed.end();
  expect(answer).toMatchObject({ status: 408 });
  await expectUnharmed(api);
});

test('a client that drips its body is sent away in time, with a length and with chunks', async () => {
  const api = await serve({ handler: 'echo', overlay: HASTY });
  const sized = dial(api).send(`${HEAD}Content-Length: 100000\r\n\r\n`);
  const chunked = dial(api).send(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  void drip(sized, ' '.repeat(10_000));
  void drip(chunked, '1\r\n \r\n'.repeat(10_000));
  for (const dialed of [sized, chunked]) expect((await dialed.end())[0]).toMatchObject({ status: 408 });
  await expectUnharmed(api);
});

test('two hundred slow clients hold up nobody', async () => {
  const api = await serve({ handler: 'echo' });
  const slow = Array.from({ length: 200 }, (_, i) =>
    dial(api).send(i % 2 ? HEAD : `${HEAD}Content-Length: 50\r\n\r\n{`),
  );
  await Promise.all(slow.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
  await expectUnharmed(api);
  expect(slow.filter(({ socket }) => !socket.writable)).toEqual([]);
});

test('a body beyond the limit is 413 while it comes, with a length and with chunks', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: 1000 } });
  const chunk = `3e8\r\n${'x'.repeat(1000)}\r\n`;
  const sized = dial(api).send(`${HEAD}Content-Length: 1001\r\n\r\n${'x'.repeat(500)}`);
  const chunked = dial(api).send(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`);
  for (const dialed of [sized, chunked]) {
    await dialed.until(/payload_too_large/);
    expect(dialed.answers).toMatchObject([{ status: 413 }]);
  }
  await expectUnharmed(api);
});

test('a client that sends on after its 413 is thrown out, and what it sent is not kept', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: MIB } });
  await expectUnharmed(api);
  const before = residentBytes(api);
  const dialed = dial(api).send(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = `100000\r\n${'x'.repeat(MIB)}\r\n`;
  let sent = 0;
  while (dialed.socket.writable && sent < 200) {
    sent += 1;
    await new Promise<void>((resolve) => void dialed.socket.write(chunk, () => resolve()));
  }
  await dialed.until(/payload_too_large/);
  expect(residentBytes(api) - before).toBeLessThan(50 * MIB);
  dialed.socket.destroy();
  await expectUnharmed(api);
});

test('half a million chunks of one byte cost no more memory than their bytes', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: MIB } });
  await expectUnharmed(api);
  const before = residentBytes(api);
  const dialed = dial(api).send(`${HEAD}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n`);
  for (let sent = 0; sent < 500; sent += 1) {
    await new Promise<void>((resolve) => void dialed.socket.write('1\r\n \r\n'.repeat(1_000), () => resolve()));
  }
  dialed.send('b\r\n{"value":1}\r\n0\r\n\r\n');
  expect(await dialed.end()).toMatchObject([{ status: 200, body: '1' }]);
  expect(residentBytes(api) - before).toBeLessThan(64 * MIB);
});

test('bombs cost no more memory than bodies of the largest size, four at a time', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: 8 * MIB } });
  await expectUnharmed(api);
  const before = residentBytes(api);
  const bomb = gzipSync(Buffer.alloc(400 * MIB, ' '));
  const head = `${HEAD}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`;
  const sent = Array.from({ length: 50 }, () => dial(api).send(Buffer.concat([Buffer.from(head), bomb])));
  for (const dialed of sent) expect(await dialed.until(/payload_too_large/)).toMatch(/^HTTP\/1\.1 413 /);
  // All fifty at once would be 400 MiB; the rest is what came on the wire and what the collector has not looked at yet.
  expect(residentBytes(api) - before).toBeLessThan(160 * MIB);
  await expectUnharmed(api);
});

test('bombs inside bodies of chunks are refused alike', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: MIB } });
  const bomb = gzipSync(Buffer.alloc(20 * MIB, ' ')).toString('latin1');
  const chunk = `${bomb.length.toString(16)}\r\n${bomb}\r\n0\r\n\r\n`;
  const bytes = `${HEAD}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`;
  expect(await verdict(api, Buffer.from(bytes, 'latin1'))).toBe('413 payload_too_large, 200 "behind"');
});

/** Resolves when the gateway's memory has not grown for a second. */
async function settled(api: Serving): Promise<void> {
  let most = 0;
  for (let looks = 0; looks < 5; looks += 1) {
    await sleep(200);
    const now = residentBytes(api);
    if (now >= most + MIB) looks = -1;
    most = Math.max(most, now);
  }
}

test('a client that never reads its answers is sent no more of them', async () => {
  const api = await serve({ handler: 'echo', overlay: { maxBodyBytes: MIB, queueBytes: 8 * MIB } });
  await expectUnharmed(api);
  const before = residentBytes(api);
  const dialed = dial(api);
  dialed.socket.pause();
  const body = JSON.stringify({ value: 'x'.repeat(500_000) });
  const request = `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;
  // Beyond what the system's buffers take of the answers, the gateway stops reading requests.
  for (let sent = 0; sent < 400; sent += 1) dialed.send(request);
  await settled(api);
  expect(dialed.socket.writableLength).toBeGreaterThan(100 * MIB);
  // Behind answers that are still to come node:http reads on until the queue is full, and each request costs some copies.
  const mostMib = process.env.MODEL_API_HTTP_FRONT === 'node' ? 96 : 48;
  expect(residentBytes(api) - before).toBeLessThan(mostMib * MIB);
  await expectUnharmed(api);
});

test('bodies that are still coming have a bound together', async () => {
  const api = await serve({ handler: 'echo' });
  const before = residentBytes(api);
  const part = 'x'.repeat(9 * MIB);
  const dialed = Array.from({ length: 40 }, () => dial(api));
  for (const one of dialed) one.send(`${HEAD}Content-Length: ${10 * MIB}\r\n\r\n{"value":"${part}`);
  const answers = dialed.slice(20).map((one) => Promise.race([one.until(/"code":"overloaded"/), sleep(20_000)]));
  await Promise.race(answers);
  expect(residentBytes(api) - before).toBeLessThan(300 * MIB);
  for (const { socket } of dialed) socket.destroy();
  await expectUnharmed(api);
});

test('connections beyond the limit are closed and logged, those below it go on', async () => {
  const api = await serve({ handler: 'echo' });
  const open: Dialed[] = [];
  // Not all at once: the system queues some hundred that the gateway has not accepted yet.
  while (open.length < 4_096) {
    const some = Array.from({ length: 128 }, () => dial(api));
    await Promise.all(some.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
    open.push(...some);
  }
  const one = dial(api);
  await one.closed;
  expect(await api.line(({ status }) => status === 503)).toMatchObject({
    level: 'warning',
    error: { code: 'overloaded', message: expect.stringContaining('4096 connections') },
  });
  await open[0]?.send('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n').until(/alive/);
  for (const { socket } of open) socket.destroy();
  await Promise.all(open.map(({ closed }) => closed));
  await expectUnharmed(api);
});
