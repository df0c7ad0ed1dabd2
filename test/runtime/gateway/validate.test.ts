/** Judging bodies: what is JSON on both sides of the socket, and sentences that say where an input is wrong. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServingError } from '../../../runtime/gateway/errors';
import { compileCheck, parseBody } from '../../../runtime/gateway/validate';

function refusal(body: string | Buffer): ServingError {
  try {
    parseBody(Buffer.from(body as string));
  } catch (error) {
    if (error instanceof ServingError) return error;
    throw error;
  }
  throw new Error(`${body} was not refused`);
}

const NOT_JSON = {
  NaN: '{"a": NaN}',
  Infinity: '{"a": [-Infinity]}',
  'a number beyond doubles': '{"a": 1e400}',
  'one that a later key overrides': '{"a": 1e400, "a": 1}',
  'one in a list': '[0.5, -1E+309]',
  'one after a string that ends in a backslash': '{"a": "\\\\", "b": 1e999}',
  'an integer of 400 digits': `{"a": ${'9'.repeat(400)}}`,
  'a trailing comma': '{"a": 1,}',
  'a byte order mark': '\ufeff{"a": 1}',
  'single quotes': "{'a': 1}",
  'a half': '{"a": [1, 2',
  'two values': '{} {}',
  nothing: '',
};

test.each(Object.entries(NOT_JSON))('invalid_json: %s', (_, body) => {
  expect(refusal(body).code).toBe('invalid_json');
});

test('invalid_json: bytes that are no UTF-8', () => {
  const refused = refusal(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
  expect(refused).toMatchObject({ code: 'invalid_json', message: 'The body is not valid UTF-8.' });
});

test('a number that is too large is named', () => {
  expect(refusal('{"x": 12e999}').message).toBe('The number 12e999 is too large for a double.');
});

test('an infinite integer is found wherever it begins', () => {
  const property = fc.property(fc.nat(900), fc.integer({ min: 309, max: 500 }), (before, digits) => {
    const body = `{"a": "${' '.repeat(before)}", "b": ${'9'.repeat(digits)}}`;
    expect(refusal(body).message).toMatch(/^The number 9{37}\.\.\. is too large for a double\.$/);
  });
  fc.assert(property);
});

const JSON_AFTER_ALL = {
  'an exponent that is large and fits': '{"a": 1e308}',
  'an exponent with leading zeros': '{"a": 1e0007}',
  'a very small number': '{"a": 1e-999}',
  'an integer of 300 digits': `{"a": ${'9'.repeat(300)}}`,
  'what looks like a number inside a string': '{"a": "1e999 \\" 1e999"}',
  'a backslash at the end of a string': '{"a": "1e999 \\\\", "b": 1}',
  'megabytes of text and escapes': `{"a": "1e999${'x'.repeat(4e6)}${'\\n'.repeat(4e6)}"}`,
  'a duplicate key': '{"a": 1, "a": 2}',
};

test.each(Object.entries(JSON_AFTER_ALL))('valid: %s', (_, body) => {
  expect(parseBody(Buffer.from(body))).toEqual(JSON.parse(body));
});

const PLACE = {
  type: 'object',
  properties: { name: { type: 'string' }, 'post-code': { type: 'string', pattern: '^\\d+$' } },
  required: ['name'],
  additionalProperties: false,
};

const check = compileCheck({
  type: 'object',
  properties: {
    features: { type: 'array', items: { type: 'number' }, minItems: 1 },
    text: { type: 'string', maxLength: 3 },
    count: { type: 'integer', minimum: 0 },
    size: { enum: ['small', 'large'] },
    place: { anyOf: [{ $ref: '#/$defs/Place' }, { type: 'null' }] },
    either: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
    when: { type: 'string', format: 'date-time' },
    kind: { anyOf: [{ const: 'a' }, { const: 'b' }] },
    unit: { type: 'string', enum: ['cm'] },
  },
  additionalProperties: false,
  $defs: { Place: PLACE },
});

const sentences = (input: unknown) => check(input, 100).map(({ path, message }) => `${path} ${message}`);

test.each([
  [{ features: ['a'] }, '$.features[0] expected number, got string'],
  [{ features: [] }, '$.features expected at least 1 items, got 0'],
  [{ text: 5 }, '$.text expected string, got integer'],
  [{ text: 'long' }, '$.text expected at most 3 characters, got 4'],
  [{ text: '😀😀😀😀' }, '$.text expected at most 3 characters, got 4'],
  [{ count: 1.5 }, '$.count expected integer, got number'],
  [{ count: -1 }, '$.count must be >= 0, got -1'],
  [{ count: true }, '$.count expected integer, got boolean'],
  [{ size: 'big' }, "$.size expected 'small' or 'large', got 'big'"],
  [{ txt: 'a' }, "$.txt is unknown; did you mean 'text'?"],
  [{ place: {} }, '$.place.name is missing'],
  [{ place: { name: 'a', 'post-code': 'x' } }, '$.place["post-code"] expected pattern ^\\d+$, got \'x\''],
  [{ place: 5 }, '$.place expected Place or null, got integer'],
  [{ either: [] }, '$.either expected string, number or null, got array'],
  [{ when: 'today' }, "$.when expected format date-time, got 'today'"],
  [{ kind: 'c' }, "$.kind expected 'a' or 'b', got 'c'"],
  [{ unit: null }, "$.unit expected 'cm', got null"],
  [[1], '$ expected object, got array'],
])('%j: %s', (input, sentence) => {
  expect(sentences(input)).toEqual([sentence]);
});

test('an unknown key far from any known one is answered with those that are', () => {
  expect(sentences({ zzzzzzzz: 1 })[0]).toMatch(/^\$\.zzzzzzzz is unknown; expected 'features', 'text', .* or 'unit'$/);
});

test('a small input is told everything, up to twenty errors', () => {
  expect(sentences({ text: 5, count: 'a' })).toHaveLength(2);
  expect(sentences({ features: Array(1000).fill('a') })).toHaveLength(20);
});

test('a large input is told its first error only', () => {
  expect(check({ features: ['a', 'b'] }, 1024 * 1024)).toHaveLength(1);
});

test('an integer with a fraction of zero is an integer', () => {
  expect(check(parseBody(Buffer.from('{"count": 1.0}')), 14)).toEqual([]);
});

test.each([
  ['date-time', '2026-01-31T10:30:00'],
  ['date-time', '2026-01-31T10:30:00.5+01:00'],
  ['date-time', '2026-01-31T10:30:00Z'],
  ['time', '10:30:00'],
])('a %s is valid as Python writes it: %s', (format, value) => {
  expect(compileCheck({ type: 'string', format })(value, value.length)).toEqual([]);
});

test('a day that no month has is no date-time', () => {
  const errors = compileCheck({ type: 'string', format: 'date-time' })('2026-02-31T10:30:00', 19);
  expect(errors).toEqual([expect.objectContaining({ path: '$' })]);
});
