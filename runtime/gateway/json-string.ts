/**
 * Strings inside JSON text: stepping over one, which a regular expression cannot, for it overflows its stack on some
 * megabytes; and writing them so that a byte is a character.
 */

/** The place after the closing quote: the first one before which stand no backslashes, or an even number of them. */
export function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

/** JSON in which nothing stands but visible ASCII and spaces, so that its length in bytes is its length. */
export function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isEscaped(text: string, quote: number): boolean {
  let place = quote;
  while (text[place - 1] === '\\') place -= 1;
  return (quote - place) % 2 === 1;
}
