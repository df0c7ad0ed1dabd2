/** Packed arrays byte for byte, as the worker's tests read and write them too; and what no worker should send. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Datatype, Tensor } from '../../../runtime/gateway/datatype';
import { decodePacked, encodePacked, PackedError } from '../../../runtime/gateway/packed';
import { tensors } from './oip/tensors';

interface Body {
  readonly meaning: string;
  readonly arrays: Readonly<Record<string, { dtype: Datatype; shape: number[]; hex: string }>>;
  readonly rows?: number;
  readonly hex: string;
}

interface Fixture {
  readonly bodies: readonly Body[];
  readonly malformed: readonly { readonly meaning: string; readonly hex: string }[];
}

const text = readFileSync(join(import.meta.dirname, '../../fixtures/packed.json'), 'utf8');
const { bodies, malformed } = JSON.parse(text) as Fixture;

/** As the fixture has them: 2^53 + 1 among them is no number of JavaScript's. */
const VALUES: Readonly<Record<string, string>> = {
  'values without an array': '{"scale":1.5,"count":9007199254740993,"name":"iris","deep":{"a":[null,true]}}',
  'two arrays, the second behind padding': '{"scale":2}',
};

const tensorsOf = ({ arrays }: Body) =>
  Object.entries(arrays).map(([name, { dtype, shape, hex }]) => [
    name,
    { datatype: dtype, shape, bytes: Buffer.from(hex, 'hex') },
  ]) as [string, Tensor][];

test.each(bodies)('$meaning: written and read', (body) => {
  const values = VALUES[body.meaning] ?? '{}';
  const packed = { values, arrays: new Map(tensorsOf(body)), rows: body.rows };
  expect(encodePacked(packed).toString('hex')).toBe(body.hex);
  expect(decodePacked(Buffer.from(body.hex, 'hex'))).toEqual(packed);
});

test.each(malformed)('$meaning: refused', ({ hex }) => {
  expect(() => decodePacked(Buffer.from(hex, 'hex'))).toThrow(PackedError);
});

test('any arrays come back, as views of the body', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), tensors), (named) => {
      const arrays = new Map(Object.entries(named));
      const body = encodePacked({ values: '{}', arrays });
      const found = decodePacked(body).arrays;
      expect(found).toEqual(arrays);
      for (const { bytes } of found.values()) expect(bytes.buffer).toBe(body.buffer);
    }),
  );
});

test('a body whose bytes were changed is read or refused, never anything else', () => {
  const valid = bodies.map(({ hex }) => Buffer.from(hex, 'hex'));
  const change = fc.tuple(fc.constantFrom(...valid), fc.nat(), fc.nat({ max: 255 }), fc.nat());
  fc.assert(
    fc.property(change, ([body, at, byte, length]) => {
      const changed = Buffer.from(body.subarray(0, length % 2 ? body.length : length % body.length));
      if (changed.length > 0) changed[at % changed.length] = byte;
      try {
        decodePacked(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(PackedError);
      }
    }),
    { numRuns: 2_000 },
  );
});
