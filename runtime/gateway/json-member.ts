/**
 * The texts of the members of a JSON object, as they stand. Parsed and written again, `1.0` would be `1`, which is another
 * type to Python, and 2^53 + 1 another number.
 */
import { endOfString } from './json-string';

/** What opens, closes or hides an array or object. Numbers and commas are stepped over without a look. */
const BRACKET = /["{}[\]]/g;

const SCALAR_END = /[,}\s]/g;

/** `object` is the text of a valid JSON object. The last member of a name counts, as it does for JSON.parse. */
export function memberTexts(object: string): Map<string, string> {
  const members = new Map<string, string>();
  let quote = object.indexOf('"');
  while (quote !== -1) {
    const keyEnd = endOfString(object, quote + 1);
    const start = skipSpace(object, object.indexOf(':', keyEnd) + 1);
    const end = endOfValue(object, start);
    members.set(JSON.parse(object.slice(quote, keyEnd)), object.slice(start, end));
    quote = object.indexOf('"', end);
  }
  return members;
}

export function memberText(object: string, name: string): string | undefined {
  return memberTexts(object).get(name);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 32) at += 1;
  return at;
}

function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start + 1);
  return first === '[' || first === '{' ? endOfNested(text, start) : next(SCALAR_END, text, start);
}

function endOfNested(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const mark = text[at];
    if (mark === '[' || mark === '{') depth += 1;
    if (mark === ']' || mark === '}') depth -= 1;
    const end = mark === '"' ? endOfString(text, at + 1) : at + 1;
    if (depth === 0) return end;
    at = next(BRACKET, text, end);
  } while (at < text.length);
  return text.length;
}

function next(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}
