/** Numbers of 16 bits (IEEE 754 binary16), which JavaScript's typed arrays do not have. */

/** The largest that is one; what rounds above it is infinite. */
export const LARGEST_HALF = 65504;

const bits = new DataView(new ArrayBuffer(8));

export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest one, ties to even, straight from the double: by way of a float it would be rounded twice. */
export function toHalf(value: number): number {
  bits.setFloat64(0, value);
  const sign = bits.getUint8(0) & 0x80 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  // Half a step above the largest is the tie that rounds up to infinity.
  if (size >= LARGEST_HALF + 16) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(size || 2 ** -24)), -14);
  const step = 2 ** (exponent - 10);
  const steps = roundToEven(size / step);
  // A fraction that was rounded up to the next power of two carries into the exponent, as it should.
  return sign | (((exponent + 14) << 10) + steps);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
