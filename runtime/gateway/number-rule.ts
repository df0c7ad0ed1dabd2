/**
 * The one rule for numbers that JSON.parse and Python's json.loads read differently: a literal that is no finite double
 * is refused, wherever it stands, be it under a key that a later one overrides. Every other number reaches Python as it
 * was written, so integers keep their precision.
 */
import { endOfString } from './json-string';

/** Only an exponent of three digits or a long run of them can be infinite, and most bodies have neither. */
const LARGE_EXPONENT = /[eE]\+?\d{3}/;

/** Fewer digits than this, times the largest exponent of two digits, are a double still. */
const LONG_RUN = 200;

const NUMBER = /-?\d[\d.eE+-]*/g;

/** The first such literal of a text that is valid JSON. */
export function findInfinite(text: string): string | undefined {
  if (!LARGE_EXPONENT.test(text) && !hasLongRun(text)) return undefined;
  for (const literal of numbersOf(text)) {
    if (!Number.isFinite(Number(literal))) return shorten(literal);
  }
  return undefined;
}

/** Steps from string to string: one regular expression for both overflows its stack on a string of some megabytes. */
function* numbersOf(text: string): Generator<string> {
  let at = 0;
  for (;;) {
    const quote = text.indexOf('"', at);
    yield* text.slice(at, quote === -1 ? text.length : quote).match(NUMBER) ?? [];
    if (quote === -1) return;
    at = endOfString(text, quote + 1);
  }
}

/** A run so long covers one of the places that are its length apart; all others need not be looked at. */
function hasLongRun(text: string): boolean {
  for (let place = LONG_RUN - 1; place < text.length; place += LONG_RUN) {
    let start = place;
    while (isDigit(text, start)) start -= 1;
    let end = place;
    while (isDigit(text, end)) end += 1;
    if (end - start > LONG_RUN) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

const shorten = (literal: string) => (literal.length > 40 ? `${literal.slice(0, 37)}...` : literal);
