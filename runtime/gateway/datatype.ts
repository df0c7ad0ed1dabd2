/**
 * Tensors as bytes: the data types of the Open Inference Protocol, their sizes, and whether so many bytes can be so many
 * elements. Row-major and little-endian, like every machine the gateway runs on.
 */

/** Bytes of one element; an element of BYTES has its own length, as a u32 before it. */
export const ELEMENT_BYTES = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
  BYTES: undefined,
} as const;

export type Datatype = keyof typeof ELEMENT_BYTES;

export interface Tensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** A view of the body that it came in, wherever that can be. */
  readonly bytes: Buffer;
}

/** As deep as arrays of Python's libraries go; a shape of thousands of ones would nest as many lists. */
export const MOST_DIMENSIONS = 32;

export const isDatatype = (name: unknown): name is Datatype =>
  typeof name === 'string' && Object.hasOwn(ELEMENT_BYTES, name);

export const isFloat = (datatype: Datatype) => datatype.startsWith('FP');

/** Undefined when no memory could hold so many, or a dimension is none. */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const dimension of shape) {
    if (!Number.isSafeInteger(dimension) || dimension < 0) return undefined;
    count *= dimension;
  }
  return Number.isSafeInteger(count) ? count : undefined;
}

/** Why these bytes are not so many elements; undefined when they are. */
export function misfit(datatype: Datatype, count: number, bytes: Buffer): string | undefined {
  const size = ELEMENT_BYTES[datatype];
  if (size === undefined) return misfitOfBytes(count, bytes);
  if (bytes.length !== count * size)
    return `${bytes.length} bytes are not the ${count * size} bytes of ${count} elements of ${datatype}`;
  // Python would make any other byte a bool that is neither of the two.
  if (datatype === 'BOOL' && bytes.some((byte) => byte > 1)) return 'a BOOL is a byte other than 0 and 1';
  return undefined;
}

function misfitOfBytes(count: number, bytes: Buffer): string | undefined {
  let at = 0;
  let found = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return `its last ${bytes.length - at} bytes are no element of BYTES`;
    at += 4 + bytes.readUInt32LE(at);
    found += 1;
    // Looking on would take as long as there are bytes.
    if (found > count) return `it holds more than ${count} elements of BYTES`;
    if (at > bytes.length) return `element ${found - 1} is longer than the bytes that are left`;
  }
  return found === count ? undefined : `it holds ${found} elements of BYTES, not ${count}`;
}

/** The elements of a BYTES tensor that fits. */
export function* elementsOfBytes(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const start = at + 4;
    at = start + bytes.readUInt32LE(at);
    yield bytes.subarray(start, at);
  }
}

/** Each with its length before it. */
export function joinBytes(elements: readonly Buffer[]): Buffer {
  const joined = Buffer.allocUnsafe(elements.reduce((bytes, { length }) => bytes + 4 + length, 0));
  let at = 0;
  for (const element of elements) {
    at = joined.writeUInt32LE(element.length, at);
    at += element.copy(joined, at);
  }
  return joined;
}
