/** Packing is a way to travel and nothing else: the handler is given what it would have been given as JSON. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberTexts } from '../../../runtime/gateway/json-member';
import { packArrays } from '../../../runtime/gateway/pack-arrays';
import { decodePacked } from '../../../runtime/gateway/packed';
import { serve } from '../serve';

const arrays = { x: 'FP64' } as const;

const pack = (value: object) => packArrays(Buffer.from(JSON.stringify(value)), value, { arrays });

const long = Array.from({ length: 300 }, (_, index) => index / 3);

test('a long array of numbers is packed, its neighbours travel as they were written', () => {
  const text = `{"n": 9007199254740993, "x": ${JSON.stringify(long)}, "t" : "\\u00fc,\\"]"}`;
  const input = packArrays(Buffer.from(text), JSON.parse(text), { arrays });
  const { values, arrays: packed } = decodePacked(input.body);
  expect(input.isPacked).toBe(true);
  expect(values).toBe('{"n":9007199254740993,"t":"\\u00fc,\\"]"}');
  const { shape, bytes } = packed.get('x') as { shape: number[]; bytes: Buffer };
  expect(shape).toEqual([300]);
  expect([...new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))]).toEqual(long);
});

test.each([
  ['a short one', { x: [1, 2] }],
  ['one that is not declared', { y: long }],
  ['a ragged one', { x: [long, long.slice(1)] }],
  ['one with something else in it', { x: [...long, null] }],
  ['numbers of which one is nested', { x: [...long, [1]] }],
  ['an empty one beside a long text', { x: [], t: 'x'.repeat(2_000) }],
])('%s is left as it is', (_, value) => {
  expect(pack(value)).toEqual({ body: Buffer.from(JSON.stringify(value)) });
});

test('the texts of members are those of the object, whatever stands in them', () => {
  const property = fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (object, indent) => {
    const text = JSON.stringify(object, undefined, indent);
    const again = [...memberTexts(text)].map(([name, member]) => `${JSON.stringify(name)}:${member}`);
    expect(JSON.parse(`{${again.join(',')}}`)).toEqual(JSON.parse(text));
  });
  fc.assert(property, { numRuns: 300 });
});

test('a handler sees the same numbers either way', async () => {
  const api = await serve({ handler: 'floats' });
  const values = [...long, -0, 1e-320, 1.7976931348623157e308, 0.1, 3];
  const packed = await api.post({ values, note: 'packed' });
  const parts = await Promise.all([values.slice(0, 20), values.slice(-5)].map((some) => api.post({ values: some })));
  expect(packed.json.kinds).toEqual(['float']);
  expect(packed.json.note).toBe('packed');
  expect(packed.json.reprs.slice(0, 20)).toEqual(parts[0]?.json.reprs);
  expect(packed.json.reprs.slice(-5)).toEqual(parts[1]?.json.reprs);
});
