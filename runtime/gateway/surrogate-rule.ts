/**
 * The one rule for text that is no Unicode: half of a surrogate pair can be written in JSON as an escape, and JavaScript
 * and Python both read it, but no file, terminal, tokenizer or database takes what they read. Such a body is refused.
 */

/** Most bodies have no escape of the surrogates' range, and need no closer look. */
const ANY = /\\u[dD][89a-fA-F]/;

const ESCAPE = /\\(?:u([\da-fA-F]{4})|.)/g;

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

/** The first such escape of a text that is valid JSON. */
export function findLoneSurrogate(text: string): string | undefined {
  if (!ANY.test(text)) return undefined;
  let high: RegExpMatchArray | undefined;
  for (const found of text.matchAll(ESCAPE)) {
    const unit = found[1] === undefined ? 0 : Number.parseInt(found[1], 16);
    const isPair = high !== undefined && isLow(unit) && found.index === (high.index as number) + high[0].length;
    if (high !== undefined && !isPair) return high[0];
    if (!isPair && isLow(unit)) return found[0];
    high = isHigh(unit) ? found : undefined;
  }
  return high?.[0];
}
