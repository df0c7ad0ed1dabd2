/** Bodies in pieces: whatever the pieces are, their bytes come together in order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyBytes } from '../../../runtime/gateway/body-bytes';

test('pieces of all sizes are joined in their order', () => {
  const size = fc.oneof(fc.nat(10), fc.integer({ min: 16_000, max: 17_000 }), fc.constant(70_000));
  const property = fc.property(fc.array(size, { maxLength: 30 }), (sizes) => {
    const pieces = sizes.map((length, i) => Buffer.alloc(length, i + 1));
    const bytes = new BodyBytes();
    for (const piece of pieces) bytes.add(piece);
    expect(bytes.joined().equals(Buffer.concat(pieces))).toBe(true);
    expect(bytes.length).toBe(Buffer.concat(pieces).length);
  });
  fc.assert(property);
});

test('a body of one piece is that piece', () => {
  const bytes = new BodyBytes();
  const piece = Buffer.from('{}');
  bytes.add(piece);
  expect(bytes.joined()).toBe(piece);
});

test('what was forgotten does not come back', () => {
  const bytes = new BodyBytes();
  for (const text of ['a', 'b', 'c']) bytes.add(Buffer.from(text));
  bytes.clear();
  for (const text of ['d', 'e', 'f']) bytes.add(Buffer.from(text));
  expect(bytes.joined().toString()).toBe('def');
});
