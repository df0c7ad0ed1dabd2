/**
 * Packed arrays: how numbers reach a worker, and come back, without being written as JSON.
 *
 *     | u32 bytes of JSON | JSON | zeros up to a multiple of 8 | array | zeros | array ... |
 *
 * The JSON is `{"values": {…}, "arrays": {name: {"dtype", "shape", "offset", "bytes"}}, "rows"?: n}`; offsets count from the
 * first array and are multiples of 8. Mirrors the worker's `packed.py` byte for byte; `test/fixtures/packed.json` tests
 * both. A worker is not trusted: what breaks the rules is a `PackedError`.
 */
import { type Datatype, elementCount, isDatatype, MOST_DIMENSIONS, misfit, type Tensor } from './datatype';
import { memberText } from './json-member';

const ALIGNMENT = 8;

export interface Packed {
  /** The text of a JSON object: the members that are no arrays. */
  readonly values: string;
  readonly arrays: ReadonlyMap<string, Tensor>;
  /** How many rows every array has along its first axis, when they are the rows of a batch. */
  readonly rows?: number;
}

export class PackedError extends Error {}

export function encodePacked({ values, arrays, rows }: Packed): Buffer {
  const named = [...arrays];
  const offsets: number[] = [];
  let end = 0;
  for (const [, { bytes }] of named) {
    offsets.push(aligned(end));
    end = aligned(end) + bytes.length;
  }
  const described = named.map(([name, tensor], index) => describe(name, tensor, offsets[index] as number));
  const counted = rows === undefined ? '' : `,"rows":${rows}`;
  const json = Buffer.from(`{"values":${values},"arrays":{${described.join(',')}}${counted}}`);
  const start = aligned(4 + json.length);
  const body = Buffer.alloc(start + end);
  body.writeUInt32LE(json.length);
  json.copy(body, 4);
  named.forEach(([, { bytes }], index) => {
    bytes.copy(body, start + (offsets[index] as number));
  });
  return body;
}

const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

const describe = (name: string, { datatype, shape, bytes }: Tensor, offset: number) =>
  `${JSON.stringify(name)}:{"dtype":"${datatype}","shape":[${shape.join(',')}],"offset":${offset},"bytes":${bytes.length}}`;

/** The arrays are views of the body. */
export function decodePacked(body: Buffer): Packed {
  const { start, json } = headOf(body);
  const { values, arrays, rows } = parse(json);
  if (!isObject(values)) throw new PackedError('"values" is no object');
  if (!isObject(arrays)) throw new PackedError('"arrays" is no object');
  const twice = Object.keys(arrays).find((name) => Object.hasOwn(values, name));
  if (twice !== undefined) throw new PackedError(`${JSON.stringify(twice)} is both a value and an array`);
  const content = body.subarray(start);
  const tensors = Object.entries(arrays).map(([name, entry]) => [name, tensorAt(name, entry, content)] as const);
  if (rows !== undefined) requireRows(rows, tensors);
  // As it stands: written again, 1.0 would be 1 and 2^53 + 1 another number.
  return { values: memberText(json, 'values') as string, arrays: new Map(tensors), rows: rows as number | undefined };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function headOf(body: Buffer): { start: number; json: string } {
  if (body.length < 4) throw new PackedError(`${body.length} bytes are no packed body`);
  const bytes = body.readUInt32LE();
  const start = aligned(4 + bytes);
  if (start > body.length)
    throw new PackedError(`the ${bytes} bytes of JSON do not fit a body of ${body.length} bytes`);
  try {
    return { start, json: utf8.decode(body.subarray(4, 4 + bytes)) };
  } catch {
    throw new PackedError('its head is not UTF-8');
  }
}

function parse(json: string): Record<string, unknown> {
  let head: unknown;
  try {
    head = JSON.parse(json);
  } catch (error) {
    throw new PackedError(`its head is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(head)) throw new PackedError('its head is no object');
  return head;
}

function tensorAt(name: string, entry: unknown, content: Buffer): Tensor {
  const fail = (why: string) => new PackedError(`the array ${JSON.stringify(name)}: ${why}`);
  if (!isObject(entry)) throw fail('is no object');
  const { dtype, shape, offset, bytes } = entry;
  if (!isDatatype(dtype)) throw fail(`${JSON.stringify(dtype)} is no data type`);
  const count = Array.isArray(shape) && shape.length <= MOST_DIMENSIONS ? elementCount(shape) : undefined;
  if (count === undefined) throw fail(`${JSON.stringify(shape)} is no shape`);
  if (!isSize(offset) || offset % ALIGNMENT !== 0) throw fail(`${JSON.stringify(offset)} is no offset`);
  if (!isSize(bytes) || offset + bytes > content.length) throw fail('reaches beyond the body');
  const view = content.subarray(offset, offset + bytes);
  const why = misfit(dtype as Datatype, count, view);
  if (why !== undefined) throw fail(why);
  return { datatype: dtype as Datatype, shape: shape as number[], bytes: view };
}

function requireRows(rows: unknown, tensors: readonly (readonly [string, Tensor])[]): void {
  if (!isSize(rows)) throw new PackedError(`${JSON.stringify(rows)} is no number of rows`);
  for (const [name, { shape }] of tensors) {
    if (shape[0] !== rows) throw new PackedError(`the array ${JSON.stringify(name)}: has not ${rows} rows`);
  }
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
