/** The header that says where the time of an answer went. */
import { expect, test } from 'vitest';
import { serverTiming } from '../../../runtime/gateway/server-timing';
import { serve } from '../serve';

test.each([
  ['what never became a prediction', { totalMs: 0.304 }, 'total;dur=0.30'],
  ['a prediction', { queueMs: 1.234, predictMs: 5, totalMs: 6.5 }, 'queue;dur=1.23, predict;dur=5.00, total;dur=6.50'],
  [
    'one of a batch',
    { queueMs: 0, predictMs: 5, batch: 8, totalMs: 6 },
    'queue;dur=0.00, predict;dur=5.00, batch;desc="8", total;dur=6.00',
  ],
  [
    'a stream',
    { queueMs: 0, predictMs: 3, firstItemMs: 2.5, totalMs: 4 },
    'queue;dur=0.00, predict;dur=3.00, first_item;dur=2.50, total;dur=4.00',
  ],
])('of %s', (_, timings, header) => {
  expect(serverTiming(timings)).toBe(header);
});

test('every answer has it', async () => {
  const api = await serve({ handler: 'echo' });
  const header = async (path: string, method = 'GET') =>
    (await api.request(path, { method, body: method === 'POST' ? '{"value": 1}' : null, headers: JSON_BODY })).headers;
  expect((await header('/predict', 'POST')).get('server-timing')).toMatch(
    /^queue;dur=\d+\.\d\d, predict;dur=\d+\.\d\d, total;dur=\d+\.\d\d$/,
  );
  expect((await header('/nowhere')).get('server-timing')).toMatch(/^total;dur=\d+\.\d\d$/);
});

const JSON_BODY = { 'content-type': 'application/json' };
