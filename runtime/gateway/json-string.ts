/** Steps over a string inside JSON text, which one regular expression cannot: it overflows its stack on some megabytes. */

/** The place after the closing quote: the first one before which stand no backslashes, or an even number of them. */
export function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let place = quote;
  while (text[place - 1] === '\\') place -= 1;
  return (quote - place) % 2 === 1;
}
