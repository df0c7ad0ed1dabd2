/**
 * The elements of a tensor as JSON: each as a text, so that 64-bit integers keep their digits and floats stay floats. What
 * JSON has no form for, numbers that are not finite and bytes that are no UTF-8, is `NotJson`.
 */
import { elementsOfBytes, type Tensor } from '../../datatype';
import { fromHalf } from './half';

/** The tensor has an element without a form in JSON; the message says which, for the end of a sentence. */
export class NotJson extends Error {}

type View<T> = {
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): T;
  readonly BYTES_PER_ELEMENT: number;
};

/** A copy where the bytes do not lie as the processor wants them. */
function view<T>(Kind: View<T>, bytes: Buffer): T {
  const size = Kind.BYTES_PER_ELEMENT;
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : Uint8Array.from(bytes);
  return new Kind(buffer, byteOffset, bytes.length / size);
}

/** One JSON text for each element, in row-major order. */
export function elementTexts({ datatype, bytes }: Tensor): string[] {
  switch (datatype) {
    case 'BOOL':
      return Array.from(bytes, (byte) => (byte === 0 ? 'false' : 'true'));
    case 'UINT8':
      return Array.from(bytes, String);
    case 'UINT16':
      return Array.from(view(Uint16Array, bytes), String);
    case 'UINT32':
      return Array.from(view(Uint32Array, bytes), String);
    case 'UINT64':
      return Array.from(view(BigUint64Array, bytes), String);
    case 'INT8':
      return Array.from(view(Int8Array, bytes), String);
    case 'INT16':
      return Array.from(view(Int16Array, bytes), String);
    case 'INT32':
      return Array.from(view(Int32Array, bytes), String);
    case 'INT64':
      return Array.from(view(BigInt64Array, bytes), String);
    case 'FP16':
      return Array.from(view(Uint16Array, bytes), (half, index) => floatText(fromHalf(half), index));
    case 'FP32':
      return Array.from(view(Float32Array, bytes), floatText);
    case 'FP64':
      return Array.from(view(Float64Array, bytes), floatText);
    case 'BYTES':
      return Array.from(elementsOfBytes(bytes), stringText);
  }
}

/** `1.0` and not `1`, which Python would read as an int; the sign of `-0.0` survives too. */
function floatText(value: number, index: number): string {
  if (!Number.isFinite(value)) throw new NotJson(`element ${index} is ${value}`);
  const text = Object.is(value, -0) ? '-0' : String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function stringText(bytes: Buffer, index: number): string {
  return JSON.stringify(decoded(bytes, index));
}

/** The text of one element of BYTES. */
export function decoded(bytes: Buffer, index: number): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new NotJson(`element ${index} is not UTF-8`);
  }
}

/** Lists that so many elements stand in: of a tensor without elements, there may be any number of empty ones. */
const MOST_EMPTY_LISTS = 65_536;

/** The texts as nested JSON arrays of this shape; a single text when it has no dimensions. */
export function nest(texts: readonly string[], shape: readonly number[]): string {
  if (shape.includes(0)) return nestNothing(shape.slice(0, shape.indexOf(0)));
  let level = texts;
  for (const dimension of [...shape].reverse()) {
    const lists: string[] = [];
    for (let at = 0; at < level.length; at += dimension) lists.push(`[${level.slice(at, at + dimension).join(',')}]`);
    level = lists;
  }
  return level[0] as string;
}

function nestNothing(outer: readonly number[]): string {
  const lists = outer.reduce((product, dimension) => product * dimension, 1);
  if (lists > MOST_EMPTY_LISTS) throw new NotJson(`it is ${lists} empty lists`);
  return outer.reduceRight((text, dimension) => `[${Array(dimension).fill(text).join(',')}]`, '[]');
}
