/** Packed arrays byte for byte, as the worker's tests read and write them too; and what no worker should send. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePacked, encodePacked, PackedError } from '../../../runtime/gateway/packed';
import { tensors } from './oip/tensors';

interface Fixture {
  readonly packed: readonly { readonly meaning: string; readonly header: Header; readonly hex: string }[];
  readonly malformed: readonly { readonly meaning: string; readonly hex: string }[];
}

interface Header {
  readonly values: object;
  readonly arrays: Readonly<Record<string, { dtype: string; shape: number[]; bytes: number }>>;
  readonly rows?: number;
}

const text = readFileSync(join(import.meta.dirname, '../../fixtures/packed.json'), 'utf8');
const { packed: bodies, malformed } = JSON.parse(text) as Fixture;

/** These can be neither lists nor text in Python; as bytes they are what they say. */
const ONLY_PYTHON_MINDS = ['more empty rows than anybody can mean', 'text in BYTES that is no UTF-8'];

test.each(bodies)('$meaning: read, and written as it was', ({ header, hex }) => {
  const packed = decodePacked(Buffer.from(hex, 'hex'));
  expect(JSON.parse(packed.values)).toEqual(header.values);
  expect(packed.rows).toBe(header.rows);
  const found = Array.from(packed.arrays, ([name, { datatype, shape, bytes }]) => {
    return [name, { dtype: datatype, shape, bytes: bytes.length }] as const;
  });
  expect(Object.fromEntries(found)).toMatchObject(withoutOffsets(header));
  const written = encodePacked(packed).toString('hex');
  expect(hex.slice(0, written.length)).toBe(written);
  // Zeros after the last array may be there or not.
  expect(hex.slice(written.length)).toMatch(/^0*$/);
});

const withoutOffsets = ({ arrays }: Header) =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { dtype, shape, bytes }]) => [name, { dtype, shape, bytes }] as const),
  );

test.each(malformed.filter(({ meaning }) => !ONLY_PYTHON_MINDS.includes(meaning)))('$meaning: refused', ({ hex }) => {
  expect(() => decodePacked(Buffer.from(hex, 'hex'))).toThrow(PackedError);
});

test('values stay as they were written', () => {
  const values = '{"count":9007199254740993,"scale":1.0}';
  expect(decodePacked(encodePacked({ values, arrays: new Map() })).values).toBe(values);
});

test('a head that is not UTF-8 is refused', () => {
  const body = encodePacked({ values: '{"a":"b"}', arrays: new Map() });
  body[body.indexOf('b"}')] = 0xff;
  expect(() => decodePacked(body)).toThrow(PackedError);
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
