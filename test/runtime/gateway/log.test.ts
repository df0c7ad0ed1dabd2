/** The log: one JSON object a line, never in the way of an answer. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Log } from '../../../runtime/gateway/log';
import { serve } from '../serve';
import { handler } from '../worker/handlers';

test('a reader that stops reading stops no answer; what it missed is counted', async () => {
  const api = await serve({ handler: handler('def predict() -> None:\n    print("x" * 100_000)\n') });
  api.gateway.stdout?.pause();
  for (let round = 0; round < 80; round += 1) expect((await api.post({})).status).toBe(200);
  api.gateway.stdout?.resume();
  const { dropped, msg } = await api.line('dropped');
  expect(dropped).toBeGreaterThan(0);
  expect(msg).toMatch(/^\d+ log lines were dropped/);
});

test('what is written past Python has a line of its own', async () => {
  const api = await serve({ handler: 'prints' });
  await api.post({ text: 'hello' });
  expect(await api.output('raw hello')).toMatchObject({ event: 'output', level: 'info' });
});

test('every line says which API and version it is of', async () => {
  const api = await serve({ handler: 'echo', overlay: { name: 'iris', version: '7' } });
  await api.post({ value: 1 });
  expect(await api.line(({ status }) => status === 200)).toMatchObject({
    api: 'iris',
    version: '7',
    msg: 'POST /predict 200',
  });
});

test('of successes fifty a second are logged and the rest is counted; errors are always logged', async () => {
  const lines: string[] = [];
  const out = new PassThrough();
  out.on('data', (chunk) => lines.push(String(chunk)));
  const log = new Log(out);
  for (let count = 0; count < 120; count += 1) log.access('POST /predict 200', { status: 200 }, 'info');
  for (let count = 0; count < 70; count += 1) log.access('POST /predict 500', { status: 500 }, 'error');
  await log.flush(1_000);
  expect(lines.filter((line) => line.includes('"status":200')).length).toBeLessThanOrEqual(100);
  expect(lines.filter((line) => line.includes('"status":500'))).toHaveLength(70);
  expect(lines.join('')).toMatch(/"unlogged":\d+/);
});
