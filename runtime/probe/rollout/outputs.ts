/**
 * Whether an answer is the one that a sample promises. Numbers may differ a little, as they do between two processors or
 * two releases of a library; all else must be the same, whatever the order of an object's members.
 */

/** Where the two differ first, and how; undefined when they do not. */
export function differenceOf(expected: unknown, actual: unknown, tolerance: number, at = '$'): string | undefined {
  if (typeof expected === 'number' && typeof actual === 'number') {
    return isNear(expected, actual, tolerance) ? undefined : `${at} is ${actual}, and the sample says ${expected}`;
  }
  if (Array.isArray(expected) && Array.isArray(actual)) return inArray(expected, actual, tolerance, at);
  if (isObject(expected) && isObject(actual)) return inObject(expected, actual, tolerance, at);
  return expected === actual ? undefined : `${at} is ${shown(actual)}, and the sample says ${shown(expected)}`;
}

function inArray(expected: unknown[], actual: unknown[], tolerance: number, at: string): string | undefined {
  if (expected.length !== actual.length) {
    return `${at} has ${actual.length} items, and the sample says ${expected.length}`;
  }
  return first(expected.map((item, index) => () => differenceOf(item, actual[index], tolerance, `${at}[${index}]`)));
}

function inObject(expected: Json, actual: Json, tolerance: number, at: string): string | undefined {
  const missing = Object.keys(expected).find((name) => !Object.hasOwn(actual, name));
  if (missing !== undefined) return `${at}.${missing} is missing`;
  const added = Object.keys(actual).find((name) => !Object.hasOwn(expected, name));
  if (added !== undefined) return `${at}.${added} is in the answer, and not in the sample`;
  return first(
    Object.keys(expected).map((name) => () => differenceOf(expected[name], actual[name], tolerance, `${at}.${name}`)),
  );
}

/** A share of the larger of the two; near zero, where a share means nothing, a distance. */
function isNear(one: number, other: number, tolerance: number): boolean {
  return Math.abs(one - other) <= tolerance * Math.max(1, Math.abs(one), Math.abs(other));
}

function first(differences: (() => string | undefined)[]): string | undefined {
  for (const difference of differences) {
    const found = difference();
    if (found !== undefined) return found;
  }
  return undefined;
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MOST_CHARACTERS = 200;

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
