/**
 * Numbers that a request brings as JSON, packed for the worker. The gateway has parsed them anyway, to judge them; Python
 * would take ten times as long to do so again. Only what `predict` takes as arrays of floating-point numbers is packed:
 * all the rest travels as it was written.
 */
import type { Handler } from '../contract/handler';
import type { Tensor } from './datatype';
import { memberTexts } from './json-member';
import { encodePacked } from './packed';
import type { Input } from './prediction';

/** Below, describing the arrays costs as much as it saves. */
const PAYS_FROM_BYTES = 1_024;

/** What NumPy and C call them; half precision is not worth a conversion of its own. */
const TYPES = { FP32: Float32Array, FP64: Float64Array } as const;

/** The input with its arrays packed; as it was where that does not pay, or where none of them is rectangular. */
export function packArrays(body: Buffer, value: unknown, { arrays }: Pick<Handler, 'arrays'>): Input {
  if (body.length < PAYS_FROM_BYTES || typeof value !== 'object' || value === null) return { body };
  const packed = new Map<string, Tensor>();
  for (const [name, datatype] of Object.entries(arrays)) {
    const tensor =
      datatype !== 'FP16' && Object.hasOwn(value, name) && tensorOf((value as never)[name], datatype, body.length / 2);
    if (tensor) packed.set(name, tensor);
  }
  if (packed.size === 0) return { body };
  const others = [...memberTexts(body.toString())].filter(([name]) => !packed.has(name));
  const values = `{${others.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
  return { body: encodePacked({ values, arrays: packed }), isPacked: true };
}

/** Undefined of what is no rectangle of numbers; of a ragged one the first rows may promise any number of them. */
function tensorOf(value: unknown, datatype: keyof typeof TYPES, mostNumbers: number): Tensor | undefined {
  const shape: number[] = [];
  for (let one = value; Array.isArray(one); one = one[0]) shape.push(one.length);
  const count = shape.reduce((product, length) => product * length, 1);
  if (shape.length === 0 || count === 0 || count > mostNumbers) return undefined;
  const numbers = new TYPES[datatype](count);
  if (!fill(numbers, 0, value, shape, 0)) return undefined;
  return { datatype, shape, bytes: Buffer.from(numbers.buffer) };
}

/** Whether everything below fits the shape, and is in its place now. */
function fill(
  numbers: Float32Array | Float64Array,
  at: number,
  value: unknown,
  shape: readonly number[],
  axis: number,
): boolean {
  if (!Array.isArray(value) || value.length !== shape[axis]) return false;
  if (axis === shape.length - 1) return fillRow(numbers, at, value);
  const step = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  return value.every((one, index) => fill(numbers, at + index * step, one, shape, axis + 1));
}

function fillRow(numbers: Float32Array | Float64Array, at: number, row: readonly unknown[]): boolean {
  for (let index = 0; index < row.length; index += 1) {
    const number = row[index];
    if (typeof number !== 'number') return false;
    numbers[at + index] = number;
  }
  return true;
}
