/** The form of a secret with API keys, and that no complaint about it shows what it holds. */
import { expect, test } from 'vitest';
import { isApiKey, parseApiKeys } from '../../../runtime/contract/api-keys';

const KEY = 'k3y-0f-s1xteen-ch';
const OTHER = 'an0ther-k3y-at-l4st';

test('an id has a key or a list of them', () => {
  const keys = parseApiKeys(JSON.stringify({ 'team-a': KEY, team_B: [OTHER, `${OTHER}!`] }));
  expect([...keys]).toEqual([
    ['team-a', [KEY]],
    ['team_B', [OTHER, `${OTHER}!`]],
  ]);
});

test.each([
  [KEY, 'is not JSON'],
  [`"${KEY}"`, 'is not a JSON object'],
  [`["${KEY}"]`, 'is not a JSON object'],
  ['{}', 'holds no key'],
  [`{"": "${KEY}"}`, 'has an id that is not made of 1 to 64 letters, digits, - and _'],
  [`{"${'x'.repeat(65)}": "${KEY}"}`, 'has an id that is not made of 1 to 64 letters, digits, - and _'],
  [`{"a": "${KEY}", "b": []}`, 'has no key under its id number 2'],
  [`{"${KEY}": "team-a"}`, 'has under its id number 1 a key that is not 16 or more visible ASCII characters'],
  [`{"a": "${KEY} ${KEY}"}`, 'has under its id number 1 a key that is not 16 or more visible ASCII characters'],
  [`{"a": {"key": "${KEY}"}}`, 'has under its id number 1 a key that is not 16 or more visible ASCII characters'],
  [`{"a": "${KEY}", "b": ["${OTHER}", "${KEY}"]}`, 'has the same key under two ids'],
])('%s %s, and neither key nor id is told', (text, complaint) => {
  expect(() => parseApiKeys(text)).toThrow(new Error(complaint));
  for (const secret of [KEY, OTHER]) expect(complaint).not.toContain(secret);
});

test('what no secret can hold is known as no key', () => {
  expect([KEY, 'x'.repeat(15), `${KEY} `, `${KEY}é`].map(isApiKey)).toEqual([true, false, false, false]);
});
