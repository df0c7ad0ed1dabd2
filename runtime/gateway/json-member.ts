/**
 * The text of the members of a JSON object, as they stand. Parsed and written again, `1.0` would be `1`, which is another
 * type to Python, and 2^53 + 1 another number.
 */
import { endOfString } from './json-string';

const MARK = /["{}[\],:]/g;

export function memberText(object: string, name: string): string | undefined {
  return memberTexts(object).get(name);
}

/** `object` is the text of a valid JSON object. The last member of a name counts, as it does for JSON.parse. */
export function memberTexts(object: string): Map<string, string> {
  const found = new Map<string, string>();
  let key: string | undefined;
  let valueAt = 0;
  for (const { mark, at, end, depth } of marksOf(object)) {
    if (depth !== 1) continue;
    if (mark === ':') valueAt = end;
    if (mark === '"') key ??= JSON.parse(object.slice(at, end));
    if (mark !== ',' && mark !== '}') continue;
    if (key !== undefined) found.set(key, object.slice(valueAt, at).trim());
    key = undefined;
  }
  return found;
}

interface Mark {
  readonly mark: string;
  readonly at: number;
  readonly end: number;
  /** How many braces and brackets it stands in; one that opens stands outside of itself, one that closes inside. */
  readonly depth: number;
}

/** Strings and punctuation, in order. */
function* marksOf(text: string): Generator<Mark> {
  let depth = 0;
  for (let at = next(text, 0); at !== -1; ) {
    const mark = text[at] as string;
    const end = mark === '"' ? endOfString(text, at + 1) : at + 1;
    yield { mark, at, end, depth };
    if (mark === '{' || mark === '[') depth += 1;
    if (mark === '}' || mark === ']') depth -= 1;
    at = next(text, end);
  }
}

function next(text: string, from: number): number {
  MARK.lastIndex = from;
  return MARK.exec(text)?.index ?? -1;
}
