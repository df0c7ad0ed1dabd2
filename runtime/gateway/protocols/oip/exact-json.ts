/**
 * JSON whose numbers stay what Python reads: an integer beyond 2^53 is a bigint here, and `1.0` is told from `1`. Such
 * literals are made strings behind a mark that no text contains, and made numbers again as they are parsed; a text without
 * them is parsed as it stands.
 */
import { randomUUID } from 'node:crypto';
import { endOfString } from '../../json-string';

/** Of a number that Python wrote as a float, though its value is whole. */
export class WholeFloat {
  constructor(readonly value: number) {}
}

/** Sixteen digits are the first that may be beyond 2^53; the digits of a fraction are not meant. */
const LONG_INTEGER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/;

/** Whatever may be one. */
const WHOLE_FLOAT = /\d(?:\.0*(?!\d)|[eE])/;

const LITERAL = /-?\d[\d.eE+-]*/g;

/** With bigints for the integers that no double holds. */
export function parseExact(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  return parseMarked(text, (literal) => isLongInteger(literal));
}

/** The same, and a `WholeFloat` for each float whose value is whole: `1.0`, `1e3`. */
export function parseTyped(text: string): unknown {
  if (!LONG_INTEGER.test(text) && !WHOLE_FLOAT.test(text)) return JSON.parse(text);
  return parseMarked(text, (literal) => isLongInteger(literal) || isWholeFloat(literal));
}

const isLongInteger = (literal: string) => /^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal));

const isWholeFloat = (literal: string) => /[.eE]/.test(literal) && Number.isInteger(Number(literal));

function parseMarked(text: string, isMarked: (literal: string) => boolean): unknown {
  const mark = randomUUID();
  const marked = replaceNumbers(text, (literal) => (isMarked(literal) ? `"${mark}${literal}"` : literal));
  return JSON.parse(marked, (_, value) => {
    if (typeof value !== 'string' || !value.startsWith(mark)) return value;
    const literal = value.slice(mark.length);
    return /[.eE]/.test(literal) ? new WholeFloat(Number(literal)) : BigInt(literal);
  });
}

/** Outside of strings. */
function replaceNumbers(text: string, replace: (literal: string) => string): string {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const end = quote === -1 ? text.length : quote;
    pieces.push(text.slice(at, end).replace(LITERAL, replace));
    at = quote === -1 ? end : endOfString(text, quote + 1);
    pieces.push(text.slice(end, at));
  }
  return pieces.join('');
}
