/** What the quantized types have in common: scales in f16, and rounding to steps. */
import { DiffusionError } from "../error.ts";
import { f16ToF32, f32ToF16, type QuantizedDType } from "../tensor/dtype.ts";

/** The bits of infinity: a scale that would round to it cannot be stored. */
const infiniteF16 = 0x7c00;

export interface ScaleContext {
  /** The weight's name. */
  readonly name: string;
  readonly dtype: QuantizedDType;
  /** The largest magnitude of the block's values. */
  readonly largest: number;
}

/**
 * Writes a scale in f16, and returns the value that was stored.
 * @throws DiffusionError `invalid-weights` if the scale is not finite in f16
 */
export function writeScale(bytes: Uint8Array, at: number, scale: number, context: ScaleContext): number {
  const bits = f32ToF16(scale);
  const { name, dtype, largest } = context;
  if (!Number.isFinite(largest) || (bits & infiniteF16) === infiniteF16) {
    throw new DiffusionError(
      "invalid-weights",
      `Cannot quantize '${name}' to ${dtype} as its values must be finite and their scales fit into f16: found ${largest}`,
    );
  }
  bytes[at] = bits & 255;
  bytes[at + 1] = bits >> 8;
  return f16ToF32(bits);
}

/** The largest magnitude of consecutive values; NaN if one of them is NaN. */
export function largestOf(values: Float32Array, start: number, count: number): number {
  let largest = 0;
  // The maximum of NaN and anything is NaN.
  for (let i = start; i < start + count; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

/** The nearest integer within bounds. */
export function nearestStep(value: number, lowest: number, highest: number): number {
  return Math.max(lowest, Math.min(highest, Math.floor(value + 0.5)));
}
