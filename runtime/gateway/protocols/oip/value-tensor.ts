/** A value of a result as a tensor: even arrays of one kind of scalar keep their shape, everything else is text of JSON. */
import { type Datatype, joinBytes, MOST_DIMENSIONS, type Tensor } from '../../datatype';
import { WholeFloat } from './exact-json';
import { datatypeOf, type Kind } from './schema-kind';

export interface ValueTensor extends Tensor {
  readonly isJson?: boolean;
}

/** A scalar has the shape [1]. */
export function valueTensor(value: unknown, kind: Kind): ValueTensor {
  const array = Array.isArray(value) ? value : [value];
  return evenTensor(array, kind) ?? jsonTensor([value]);
}

/** One value a row: the first axis is theirs, whether or not they are even. */
export function rowsTensor(values: readonly unknown[], kind: Kind): ValueTensor {
  return evenTensor(values, kind) ?? jsonTensor(values);
}

const jsonTensor = (values: readonly unknown[]): ValueTensor => ({
  datatype: 'BYTES',
  shape: [values.length],
  bytes: joinBytes(values.map((value) => Buffer.from(textOf(value)))),
  isJson: true,
});

/** Undefined when it is uneven, or of more than one kind, or of none that a tensor has. */
function evenTensor(array: readonly unknown[], kind: Kind): Tensor | undefined {
  const shape = [array.length];
  let items = array;
  while (Array.isArray(items[0])) {
    const { length } = items[0];
    if (shape.push(length) > MOST_DIMENSIONS) return undefined;
    if (!items.every((item) => Array.isArray(item) && item.length === length)) return undefined;
    items = items.flat();
  }
  if (items.length === 0) return { datatype: datatypeOfNothing(kind), shape, bytes: Buffer.alloc(0) };
  const [datatype, bytes] = contents(items, kind) ?? [];
  return datatype && bytes && { datatype, shape, bytes };
}

/** A list that is empty today has the type that it will have tomorrow, where a schema says so. */
const datatypeOfNothing = (kind: Kind): Datatype => (kind.element === 'any' ? 'FP64' : datatypeOf(kind));

function contents(items: readonly unknown[], kind: Kind): readonly [Datatype, Buffer] | undefined {
  if (items.every((item) => typeof item === 'boolean')) return ['BOOL', Buffer.from(items.map(Number))];
  if (items.every((item) => typeof item === 'string'))
    return ['BYTES', joinBytes(items.map((item) => Buffer.from(item as string)))];
  if (!items.every(isNumber)) return undefined;
  if (kind.element !== 'number' && items.every(isInteger)) return integers(items);
  return ['FP64', Buffer.from(Float64Array.from(items, asNumber).buffer)];
}

const isNumber = (item: unknown) => typeof item === 'number' || typeof item === 'bigint' || item instanceof WholeFloat;

const isInteger = (item: unknown) => typeof item === 'bigint' || Number.isInteger(item);

const asNumber = (item: unknown) => (item instanceof WholeFloat ? item.value : Number(item));

/** Beyond 64 bits only text is exact. */
function integers(items: readonly unknown[]): readonly [Datatype, Buffer] | undefined {
  const whole = items.map((item) => BigInt(item as number));
  if (whole.every((item) => BigInt.asIntN(64, item) === item))
    return ['INT64', Buffer.from(BigInt64Array.from(whole).buffer)];
  if (whole.every((item) => BigInt.asUintN(64, item) === item))
    return ['UINT64', Buffer.from(BigUint64Array.from(whole).buffer)];
  return undefined;
}

/** As Python wrote it, but for spaces. */
export function textOf(value: unknown): string {
  if (value instanceof WholeFloat)
    return Number.isInteger(value.value) && Math.abs(value.value) < 1e21 ? `${value.value}.0` : String(value.value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`);
  return `{${members.join(',')}}`;
}
