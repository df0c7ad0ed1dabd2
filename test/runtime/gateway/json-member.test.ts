/** A member's text, cut out of an object's: what JSON.parse reads in it is what it reads in the object. */
import { assert, constant, dictionary, jsonValue, oneof, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { memberText } from '../../../runtime/gateway/json-member';

const names = oneof(constant('input'), string());

test('of any object, however it is written', () => {
  const anyObject = dictionary(names, jsonValue());
  const holds = property(anyObject, constant('input'), oneof(constant(0), constant(2)), (object, name, indent) => {
    const found = memberText(JSON.stringify(object, null, indent), name);
    expect(found === undefined ? undefined : JSON.parse(found)).toEqual(
      JSON.parse(JSON.stringify({ value: object[name] })).value,
    );
  });
  assert(holds, { numRuns: 500 });
});

test.each([
  ['{"input": 1.0}', '1.0'],
  ['{ "input" : {"a": [1, {"input": 2}]} , "output": "}" }', '{"a": [1, {"input": 2}]}'],
  ['{"output": {"input": 1}, "\\u0069nput": "a\\\\\\",", "x": 0}', '"a\\\\\\","'],
  ['{"input": 1, "input": 2}', '2'],
  ['{"output": "input"}', undefined],
  ['{}', undefined],
])('of %s', (object, text) => {
  expect(memberText(object, 'input')).toBe(text);
});

test('of an object with a string of many megabytes', () => {
  const value = JSON.stringify(`${'x\\'.repeat(8 * 1024 * 1024)}"`);
  expect(memberText(`{"input": ${value}}`, 'input') === value).toBe(true);
});
