/** How deep a JSON text is nested: exact for any JSON, by whichever way it is measured, and cheap for numbers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDeeperThan } from '../../../runtime/gateway/json-depth';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** The smallest limit that the text is within. */
function measured(text: string): number {
  let depth = 0;
  while (isDeeperThan(depth, Buffer.from(text))) depth += 1;
  return depth;
}

/** Strings full of what might be mistaken for structure. */
const tricky = fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '"', '\\', 'x', 'é'), maxLength: 8 });

const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 8, withCrossShrink: true }, fc.double(), tricky, tie('array'), tie('object')),
  array: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(tricky, tie('value'), { maxKeys: 3 }),
}));

test('a text is as deep as its value, written closely', () => {
  const property = fc.property(value, (any) => {
    expect(measured(JSON.stringify(any))).toBe(depthOf(any));
  });
  fc.assert(property);
});

test('a text is as deep as its value, with few brackets in much space', () => {
  const property = fc.property(value, (any) => {
    const text = JSON.stringify(any, undefined, 1).replaceAll('\n', ' '.repeat(300));
    expect(measured(text)).toBe(depthOf(any));
  });
  fc.assert(property, { numRuns: 50 });
});

test('a matrix is no deeper for all its rows, and one row too deep is found among them', () => {
  const row = Array.from({ length: 100 }, (_, i) => i / 7);
  const rows = Array.from({ length: 500 }, () => row);
  const text = (last: unknown) => Buffer.from(JSON.stringify({ rows: [...rows, last], name: '[[[[' }));
  expect(isDeeperThan(3, text(row))).toBe(false);
  expect(isDeeperThan(3, text([row]))).toBe(true);
});

test('bytes that are no JSON are measured too, without end or harm', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void isDeeperThan(1, Buffer.from(bytes))));
  for (const text of ['"', '"\\', '"\\"', '[["', ']]]]', '\\"[']) isDeeperThan(0, Buffer.from(text));
});

test('of a megabyte of numbers it costs a small part of what parsing does', () => {
  const text = JSON.stringify({ features: Array.from({ length: 55_000 }, (_, i) => Math.sin(i)) });
  const bytes = Buffer.from(text);
  const fastest = (work: () => unknown) =>
    Math.min(
      ...Array.from({ length: 20 }, () => {
        const start = performance.now();
        work();
        return performance.now() - start;
      }),
    );
  const parsing = fastest(() => JSON.parse(text));
  expect(fastest(() => isDeeperThan(100, bytes))).toBeLessThan(0.05 * parsing);
});
