/**
 * Element types. Activations are f32; weights come in any of these.
 * Quantized types are blocks of elements that share a scale; they take their place here as a loader gains them.
 */
export type DType = "f32" | "f16" | "bf16" | "u32" | "i32" | "i8" | "u8" | "f64" | "i64";

/** What keys and values may be kept in. */
export type CacheDType = "f32" | "f16";
export const cacheDTypes: readonly CacheDType[] = ["f32", "f16"];

const bytesOf: Readonly<Record<DType, number>> = {
  f64: 8,
  i64: 8,
  f32: 4,
  u32: 4,
  i32: 4,
  f16: 2,
  bf16: 2,
  i8: 1,
  u8: 1,
};

/** Bytes of `count` elements. */
export function dtypeBytes(dtype: DType, count = 1): number {
  return bytesOf[dtype] * count;
}

/** The f32 value of IEEE half-precision bits. */
export function f16ToF32(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const f32Value = new Float32Array(1);
const f32Bits = new Uint32Array(f32Value.buffer);

/** The IEEE half-precision bits that are nearest to a number, ties to even; infinity from 65520 on. */
export function f32ToF16(value: number): number {
  f32Value[0] = value;
  const bits = f32Bits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below 2^-14: a multiple of 2^-24.
    const steps = Math.abs(value) * 2 ** 24;
    const below = Math.floor(steps);
    const rest = steps - below;
    return sign | (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** Dimensions, outermost first. */
export type Shape = readonly number[];

export function elementCount(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
