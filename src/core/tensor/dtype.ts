/** Element types, their sizes in bytes, and conversions between f16 and f32. */
import { bug } from "../error.ts";

/**
 * Quantized types of weights. Their blocks are those of GGUF files; core/weights/blocks.ts names the file that describes each
 * layout. Bits per weight: q8_0 8.5, q6_k 6.5625, q4_k and q4_0 4.5.
 */
export const quantizedDTypes = ["q8_0", "q6_k", "q4_k", "q4_0"] as const;
export type QuantizedDType = (typeof quantizedDTypes)[number];

/** Element types. Activations are f32; weights have one of `storedWeightDTypes`. */
export type DType = "f32" | "f16" | "bf16" | QuantizedDType | "u32" | "i32" | "i8" | "u8" | "f64" | "i64";

/** Types of weights in a checkpoint. */
export const storedWeightDTypes: readonly DType[] = ["f32", "f16", "bf16", ...quantizedDTypes];

export function isQuantized(dtype: DType): dtype is QuantizedDType {
  return infos[dtype].blockElements > 1;
}

/** Types of the K/V pool. */
export type CacheDType = "f32" | "f16";
export const cacheDTypes: readonly CacheDType[] = ["f32", "f16"];

/** The layout of a type: consecutive elements form a block, which is the smallest addressable unit. */
export interface DTypeInfo {
  /** Elements of a block: 1 for plain types, more for quantized types, whose blocks share a scale. */
  readonly blockElements: number;
  readonly blockBytes: number;
}

const plain = (blockBytes: number): DTypeInfo => ({ blockElements: 1, blockBytes });

const infos: Readonly<Record<DType, DTypeInfo>> = {
  f64: plain(8),
  i64: plain(8),
  f32: plain(4),
  u32: plain(4),
  i32: plain(4),
  f16: plain(2),
  bf16: plain(2),
  q8_0: { blockElements: 32, blockBytes: 34 },
  q6_k: { blockElements: 256, blockBytes: 210 },
  q4_k: { blockElements: 256, blockBytes: 144 },
  q4_0: { blockElements: 32, blockBytes: 18 },
  i8: plain(1),
  u8: plain(1),
};

export function dtypeInfo(dtype: DType): DTypeInfo {
  return infos[dtype];
}

/**
 * The number of bytes that `count` elements take.
 * @throws DiffusionError `internal` unless `count` is a multiple of the block's elements
 */
export function dtypeBytes(dtype: DType, count: number): number {
  const { blockElements, blockBytes } = infos[dtype];
  if (count % blockElements !== 0) {
    throw bug(`A ${dtype} array must have a multiple of ${blockElements} elements: found ${count}`);
  }
  return (count / blockElements) * blockBytes;
}

/**
 * The number of elements in `bytes` bytes.
 * @throws DiffusionError `internal` unless `bytes` is a multiple of the block's bytes
 */
export function dtypeElements(dtype: DType, bytes: number): number {
  const { blockElements, blockBytes } = infos[dtype];
  if (bytes % blockBytes !== 0) {
    throw bug(`A ${dtype} array must have a multiple of ${blockBytes} bytes: found ${bytes}`);
  }
  return (bytes / blockBytes) * blockElements;
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

let halfValues: Float32Array | undefined;

/** The f32 values of all 65536 half-precision bit patterns. */
export function f16Values(): Float32Array {
  halfValues ??= Float32Array.from({ length: 0x10000 }, (_, bits) => f16ToF32(bits));
  return halfValues;
}

const f32Value = new Float32Array(1);
const f32Bits = new Uint32Array(f32Value.buffer);

/** The IEEE half-precision bits nearest to a number, ties to even. Magnitudes of at least 65520 become infinity. */
export function f32ToF16(value: number): number {
  f32Value[0] = value;
  const bits = f32Bits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // A subnormal half, that is, a multiple of 2^-24 below 2^-14.
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
