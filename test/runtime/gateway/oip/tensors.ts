/** Arbitrary tensors of every data type, and what a client that knows the types makes of their JSON. */
import fc from 'fast-check';
import { type Datatype, ELEMENT_BYTES, joinBytes, type Tensor } from '../../../../runtime/gateway/datatype';

export const DATATYPES = Object.keys(ELEMENT_BYTES) as Datatype[];

export const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 4 });

const count = (shape: readonly number[]) => shape.reduce((product, dimension) => product * dimension, 1);

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));

/** Every pattern of bits of the fixed types; of BYTES, strings. */
function contents(datatype: Datatype, shape: readonly number[]): fc.Arbitrary<Buffer> {
  const elements = count(shape);
  if (datatype === 'BYTES')
    return fc
      .array(fc.string({ unit: 'grapheme' }), { minLength: elements, maxLength: elements })
      .map((strings) => joinBytes(strings.map((string) => Buffer.from(string))));
  const any = bytes(elements * (ELEMENT_BYTES[datatype] as number));
  return datatype === 'BOOL' ? any.map((buffer) => buffer.map((byte) => byte & 1) as Buffer) : any;
}

export const tensorOf = (datatype: Datatype): fc.Arbitrary<Tensor> =>
  shapes.chain((shape) => contents(datatype, shape).map((bytes) => ({ datatype, shape, bytes })));

export const tensors: fc.Arbitrary<Tensor> = fc.constantFrom(...DATATYPES).chain(tensorOf);

/** Whether JSON has a form for every number of it. */
export function allFinite({ datatype, bytes }: Tensor): boolean {
  const exponents: Partial<Record<Datatype, (at: number) => boolean>> = {
    FP16: (at) => (bytes.readUInt16LE(at) & 0x7c00) === 0x7c00,
    FP32: (at) => !Number.isFinite(bytes.readFloatLE(at)),
    FP64: (at) => !Number.isFinite(bytes.readDoubleLE(at)),
  };
  const isInfinite = exponents[datatype];
  if (isInfinite === undefined) return true;
  const size = ELEMENT_BYTES[datatype] as number;
  return !Array.from({ length: bytes.length / size }, (_, index) => isInfinite(index * size)).includes(true);
}
