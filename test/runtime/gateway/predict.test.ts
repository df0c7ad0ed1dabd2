/** The native protocol from the caller's side: what is answered, and how every mistake is told. */
import { expect, test } from 'vitest';
import { serve } from '../serve';

test('a prediction is answered with what the handler returned', async () => {
  const api = await serve({ handler: 'echo' });
  const reply = await api.post({ value: { n: 9007199254740993 } });
  expect(reply).toMatchObject({ status: 200, json: { n: 9007199254740992 } });
  expect(reply.headers.get('content-type')).toBe('application/json');
});
