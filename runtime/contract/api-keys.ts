/**
 * What a secret with API keys looks like: a JSON object from a key's id to the key, or to a list of keys that count alike.
 * The gateway lets these keys in, the probe function sends one of them. No message made here shows a key, nor an id: whoever
 * swaps the two has keys for ids.
 *
 *     {"team-a": "q8…", "team-b": ["the new one…", "the old one…"]}
 */

/** An id stands in logs, metrics and dashboards. */
const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Sixteen characters, or guessing might pay; visible ASCII, or a header could not carry it. */
const KEY = /^[\x21-\x7e]{16,}$/;

export type ApiKeys = ReadonlyMap<string, readonly string[]>;

/** The secret is not what is described above; the message continues "The secret …". */
export class ApiKeysError extends Error {}

/** Whether it could stand in a secret at all. */
export function isApiKey(text: string): boolean {
  const fits = KEY.test(text);
  // `RegExp.input` keeps the text that was matched last, for as long as nothing else is: a key must not be that.
  /^/.test('');
  return fits;
}

/** Where a secret lives is a part of its ARN; for a name in its place, the environment has to know. */
export function regionOfSecret(arn: string): string | undefined {
  return /^arn:[^:]*:secretsmanager:([^:]+):/.exec(arn)?.[1];
}

export function parseApiKeys(text: string): ApiKeys {
  const secret = parseObject(text);
  const entries = Object.entries(secret);
  const keys = new Map(entries.map(([id, value], index) => [checkedId(id), checkedKeys(value, index + 1)]));
  if (keys.size === 0) throw new ApiKeysError('holds no key');
  refuseShared(keys);
  return keys;
}

function parseObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would quote the text.
    throw new ApiKeysError('is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new ApiKeysError('is not a JSON object');
}

function checkedId(id: string): string {
  if (KEY_ID.test(id)) return id;
  throw new ApiKeysError('has an id that is not made of 1 to 64 letters, digits, - and _');
}

function checkedKeys(value: unknown, place: number): readonly string[] {
  const keys: unknown[] = Array.isArray(value) ? value : [value];
  if (keys.length === 0) throw new ApiKeysError(`has no key under its id number ${place}`);
  if (keys.every((key): key is string => typeof key === 'string' && isApiKey(key))) return keys;
  throw new ApiKeysError(`has under its id number ${place} a key that is not 16 or more visible ASCII characters`);
}

/** A key of two ids would be counted for either. */
function refuseShared(keys: ApiKeys): void {
  const lists = [...keys.values()].map((list) => new Set(list));
  const distinct = new Set(lists.flatMap((list) => [...list]));
  const total = lists.reduce((sum, { size }) => sum + size, 0);
  if (distinct.size < total) throw new ApiKeysError('has the same key under two ids');
}
