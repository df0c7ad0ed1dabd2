/**
 * The `data` of a tensor in JSON, flat or nested, as the tensor's bytes. Nothing is rounded or wrapped on the way: a value
 * that its data type does not hold is refused, and where it stands is said.
 */
import { type Datatype, joinBytes } from '../../datatype';
import { Errors, shown } from '../../errors';
import { LARGEST_HALF, toHalf } from './half';

/** As deep as Triton follows: around a matrix there may be any number of brackets more. */
const DEEPEST_NESTING = 100;

type Items = readonly unknown[];
type Fits = (item: unknown) => boolean;

export function readData(where: string, datatype: Datatype, shape: readonly number[], data: unknown): Buffer {
  const items = flatten(where, shape, data);
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  if (items.length !== count)
    throw Errors.badRequest(`${where}: its data has ${items.length} elements, its shape [${shape}] has ${count}.`);
  const misfit = items.findIndex((item) => !FITS[datatype](item));
  if (misfit !== -1)
    throw Errors.badRequest(`${where}: element ${misfit} is ${show(items[misfit])}, which ${datatype} does not hold.`);
  return write(datatype, items);
}

/** Row-major. Nested otherwise than its shape, but for dimensions of 1, data would be another tensor of as many elements. */
function flatten(where: string, shape: readonly number[], data: unknown): Items {
  if (!Array.isArray(data)) {
    if (shape.length === 0) return [data];
    throw Errors.badRequest(`${where}: its data is no array.`);
  }
  const dimensions = [data.length];
  let items: unknown[] = data;
  while (Array.isArray(items[0])) {
    const { length } = items[0];
    if (dimensions.push(length) > DEEPEST_NESTING)
      throw Errors.badRequest(`${where}: its data is nested deeper than ${DEEPEST_NESTING} arrays.`);
    if (!items.every((item) => Array.isArray(item) && item.length === length))
      throw Errors.badRequest(`${where}: its data is nested unevenly.`);
    items = items.flat();
  }
  if (dimensions.length > 1 && `${nestingOf(dimensions)}` !== `${nestingOf(shape)}`)
    throw Errors.badRequest(`${where}: its data is nested as [${dimensions}], its shape is [${shape}].`);
  return items;
}

/** What shows: brackets around one thing may be left out, and nothing is inside of an empty array. */
function nestingOf(shape: readonly number[]): readonly number[] {
  const empty = shape.indexOf(0);
  return (empty === -1 ? shape : shape.slice(0, empty + 1)).filter((dimension) => dimension !== 1);
}

function show(item: unknown): string {
  if (typeof item === 'string') return shown(JSON.stringify(item), 60);
  if (typeof item !== 'object' || item === null) return String(item);
  return Array.isArray(item) ? 'an array' : 'an object';
}

const within =
  (least: number, most: number): Fits =>
  (item) =>
    Number.isInteger(item) && (item as number) >= least && (item as number) <= most;

/** What is no bigint may have lost digits already, if it is this large. */
const longWithin =
  (least: bigint, most: bigint): Fits =>
  (item) =>
    typeof item === 'bigint' ? item >= least && item <= most : Number.isSafeInteger(item) && Number(item) >= least;

const isNumber = (item: unknown) => typeof item === 'number' || typeof item === 'bigint';

const FITS: Record<Datatype, Fits> = {
  BOOL: (item) => typeof item === 'boolean',
  UINT8: within(0, 0xff),
  UINT16: within(0, 0xffff),
  UINT32: within(0, 0xffff_ffff),
  UINT64: longWithin(0n, 2n ** 64n - 1n),
  INT8: within(-0x80, 0x7f),
  INT16: within(-0x8000, 0x7fff),
  INT32: within(-0x8000_0000, 0x7fff_ffff),
  INT64: longWithin(-(2n ** 63n), 2n ** 63n - 1n),
  FP16: (item) => isNumber(item) && Math.abs(Number(item)) < LARGEST_HALF + 16,
  FP32: (item) => isNumber(item) && Number.isFinite(Math.fround(Number(item))),
  FP64: (item) => isNumber(item) && Number.isFinite(Number(item)),
  // Half of a surrogate pair has no UTF-8.
  BYTES: (item) => typeof item === 'string' && !/\p{Surrogate}/u.test(item),
};

function write(datatype: Datatype, items: Items): Buffer {
  const numbers = items as readonly number[];
  switch (datatype) {
    case 'BOOL':
    case 'UINT8':
      return bytesOf(Uint8Array.from(numbers));
    case 'UINT16':
      return bytesOf(Uint16Array.from(numbers));
    case 'UINT32':
      return bytesOf(Uint32Array.from(numbers));
    case 'INT8':
      return bytesOf(Int8Array.from(numbers));
    case 'INT16':
      return bytesOf(Int16Array.from(numbers));
    case 'INT32':
      return bytesOf(Int32Array.from(numbers));
    case 'UINT64':
      return bytesOf(BigUint64Array.from(items as bigint[], BigInt));
    case 'INT64':
      return bytesOf(BigInt64Array.from(items as bigint[], BigInt));
    case 'FP16':
      return bytesOf(Uint16Array.from(items, (item) => toHalf(Number(item))));
    case 'FP32':
      return bytesOf(Float32Array.from(items, Number));
    case 'FP64':
      return bytesOf(Float64Array.from(items, Number));
    case 'BYTES':
      return joinBytes((items as readonly string[]).map((item) => Buffer.from(item)));
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.TypedArray) => Buffer.from(buffer, byteOffset, byteLength);
