/**
 * How deep the arrays and objects of a JSON text stand in each other, judged on its bytes before anything is made of
 * them: a text of a few kilobytes can be nested deeper than Python, a schema or a handler has stack for. It does not
 * judge whether the text is JSON; of one that is, the verdict is exact.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = [0x5b, 0x7b] as const;
const CLOSING = [0x5d, 0x7d] as const;

/** Up to one bracket in so many bytes, jumping from one to the next is faster than looking at each byte. */
const SPARSE = 256;

/** A list of numbers is done by the count of its brackets, and a matrix by jumps: both cost far less than parsing. */
export function isDeeperThan(limit: number, text: Buffer): boolean {
  const brackets = countOpening(text, Math.max(limit, Math.floor(text.length / SPARSE)));
  if (brackets <= limit) return false;
  return brackets <= text.length / SPARSE ? jumpsDeeper(limit, text) : stepsDeeper(limit, text);
}

/** Those in strings count too, and no more than `most` and one. */
function countOpening(text: Buffer, most: number): number {
  let count = 0;
  for (const bracket of OPENING) {
    for (let at = text.indexOf(bracket); at !== -1 && count <= most; at = text.indexOf(bracket, at + 1)) count += 1;
  }
  return count;
}

/** Four bytes at a time as long as none of them can be a bracket or a quote: no digit can. */
function stepsDeeper(limit: number, text: Buffer): boolean {
  const words = new DataView(text.buffer, text.byteOffset, text.length);
  const lastWord = text.length - 4;
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    if (at <= lastWord && isPlain(words.getUint32(at))) {
      at += 4;
      continue;
    }
    // One that is not plain is looked at to its end, and a string in it leads further.
    for (const end = Math.min(at + 4, text.length); at < end; at += 1) {
      const byte = text[at] as number;
      if (byte === QUOTE) at = endOfString(text, at);
      else if (byte === 0x5b || byte === 0x7b) {
        depth += 1;
        if (depth > limit) return true;
      } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    }
  }
  return false;
}

/** Brackets have the bit 0x40, as letters do; of a quote's bits the exclusive or leaves a byte of zeros. */
function isPlain(word: number): boolean {
  const quotes = word ^ 0x22222222;
  return (word & 0x40404040) === 0 && ((quotes - 0x01010101) & ~quotes & 0x80808080) === 0;
}

function jumpsDeeper(limit: number, text: Buffer): boolean {
  const marks = [QUOTE, ...OPENING, ...CLOSING].map((byte) => ({ byte, at: find(text, byte, 0) }));
  let depth = 0;
  let from = 0;
  for (;;) {
    let first = marks[0] as (typeof marks)[number];
    for (const mark of marks) {
      // A string may have stepped over some.
      if (mark.at < from) mark.at = find(text, mark.byte, from);
      if (mark.at < first.at) first = mark;
    }
    if (first.at === text.length) return false;
    if (first.byte === QUOTE) from = endOfString(text, first.at) + 1;
    else {
      depth += CLOSING.includes(first.byte as 0x5d) ? -1 : 1;
      if (depth > limit) return true;
      from = first.at + 1;
    }
  }
}

/** The place of its closing quote, or the end of the text. */
function endOfString(text: Buffer, start: number): number {
  let quote = find(text, QUOTE, start + 1);
  while (quote < text.length && isEscaped(text, quote)) quote = find(text, QUOTE, quote + 1);
  return quote;
}

function isEscaped(text: Buffer, quote: number): boolean {
  let place = quote;
  while (text[place - 1] === BACKSLASH) place -= 1;
  return (quote - place) % 2 === 1;
}

function find(text: Buffer, byte: number, from: number): number {
  const at = text.indexOf(byte, from);
  return at === -1 ? text.length : at;
}
