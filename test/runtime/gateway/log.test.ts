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

/** A log and its lines, of which nobody reads any until told to. */
function logged(): { log: Log; lines: () => Promise<string[]> } {
  const out = new PassThrough();
  const log = new Log(out);
  const lines = async () => {
    const chunks: string[] = [];
    out.on('data', (chunk) => chunks.push(String(chunk)));
    await log.flush(1_000);
    return chunks;
  };
  return { log, lines };
}

test('of successes, and of requests refused for what callers did, fifty a second are logged and the rest counted', async () => {
  const { log, lines } = logged();
  for (let count = 0; count < 120; count += 1) log.access('GET / 404', { status: 404 }, 'warning');
  for (let count = 0; count < 120; count += 1) log.access('POST /predict 200', { status: 200 }, 'info');
  for (let count = 0; count < 70; count += 1) log.access('POST /predict 500', { status: 500 }, 'error');
  const all = await lines();
  // A second may end in the middle.
  for (const status of [200, 404]) {
    const written = all.filter((line) => line.includes(`"status":${status}`)).length;
    expect(written).toBeGreaterThanOrEqual(50);
    expect(written).toBeLessThanOrEqual(100);
  }
  expect(all.filter((line) => line.includes('"status":500'))).toHaveLength(70);
  const { unlogged, statuses } = JSON.parse(all.find((line) => line.includes('"unlogged"')) as string);
  expect(Object.keys(statuses)).toEqual(['200', '404']);
  expect(unlogged).toBe(statuses[200] + statuses[404]);
});

test('metrics reach a reader that is too far behind for anything else', async () => {
  const { log, lines } = logged();
  const large = 'x'.repeat(1024 * 1024);
  for (let count = 0; count < 6; count += 1) log.event('info', 'large', large);
  log.metrics('{"Requests":1}');
  const all = await lines();
  expect(all.filter((line) => line.includes('"large"')).length).toBeLessThan(6);
  expect(all).toContain('{"Requests":1}\n');
});

test('metrics that nobody ever reads are dropped, too', async () => {
  const { log, lines } = logged();
  for (let count = 0; count < 20; count += 1) log.metrics('x'.repeat(1024 * 1024));
  expect((await lines()).filter((line) => line.startsWith('xxx')).length).toBeLessThan(12);
});

test('a path of any length makes a short line', async () => {
  const api = await serve({ handler: 'echo' });
  const { status, text } = await api.request(`/${'y'.repeat(8_000)}`);
  expect(status).toBe(404);
  expect(text.length).toBeLessThan(1_000);
  const line = await api.line((candidate) => candidate.status === 404);
  expect(JSON.stringify(line).length).toBeLessThan(1_500);
});

test('what is wrong with an input makes a line of a few kilobytes at most', async () => {
  const api = await serve({ handler: 'echo' });
  const reply = await api.post({ ['z'.repeat(100_000)]: 1 });
  expect(reply.status).toBe(422);
  const line = await api.line(({ status }) => status === 422);
  expect(JSON.stringify(line).length).toBeLessThan(6_000);
});
