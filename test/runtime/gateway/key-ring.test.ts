/** How keys are kept and compared: as digests under a secret of the process, each in constant time. */
import * as crypto from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { digestOf, digestsOf, KeyRing } from '../../../runtime/gateway/keys/key-ring';

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>();
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual), createHmac: vi.fn(real.createHmac) };
});

beforeEach(() => void vi.clearAllMocks());

const [FIRST, SECOND, THIRD] = ['the-first-key-of-three', 'the-second-key-of-three', 'the-third-key-of-three'] as const;

function ringOfThree(): KeyRing {
  const ring = new KeyRing();
  ring.add(
    digestsOf(
      new Map([
        ['a', [FIRST, SECOND]],
        ['b', [THIRD]],
      ]),
    ),
  );
  return ring;
}

test.each([
  [FIRST, 'a'],
  [THIRD, 'b'],
  ['a-key-that-nobody-has', undefined],
])('to find %s every key is compared in constant time, digest by digest', (key, id) => {
  const ring = ringOfThree();
  const digest = digestOf(key);
  expect(ring.find(digest)).toBe(id);
  expect(crypto.timingSafeEqual).toHaveBeenCalledTimes(3);
  for (const [kept, asked] of vi.mocked(crypto.timingSafeEqual).mock.calls) {
    expect(asked).toBe(digest);
    expect(kept.byteLength).toBe(32);
  }
});

test('a digest is an HMAC under a secret of 32 bytes that another process does not have', async () => {
  const digest = digestOf(FIRST);
  const [[algorithm, secret]] = vi.mocked(crypto.createHmac).mock.calls as [[string, Buffer]];
  expect([algorithm, secret.byteLength]).toEqual(['sha256', 32]);
  expect(digest).toEqual(crypto.createHmac('sha256', secret).update(FIRST).digest());
  vi.resetModules();
  const elsewhere = await import('../../../runtime/gateway/keys/key-ring');
  expect(elsewhere.digestOf(FIRST)).not.toEqual(digest);
  expect(digestOf(FIRST)).toEqual(digest);
});
