/**
 * Q8_0: blocks of 32 elements, each an f16 scale and 32 signed bytes. An element is its byte times the scale, which an
 * f32 holds exactly.
 * Source: quantize_row_q8_0_ref of ggml (https://github.com/ggml-org/ggml), whose bits these are.
 */
import { dtypeBytes, dtypeElements, dtypeInfo, f16Values } from "../tensor/dtype.ts";
import { largestOf, writeScale } from "./scales.ts";

const { blockElements, blockBytes } = dtypeInfo("q8_0");
const scaleBytes = 2;

/**
 * Quantizes whole blocks.
 * @param name the weight's, for errors
 * @throws DiffusionError `invalid-weights` if a value is not finite, or too large for a scale in f16
 */
export function quantizeQ8(values: Float32Array, name: string): Uint8Array {
  const bytes = new Uint8Array(dtypeBytes("q8_0", values.length));
  for (let start = 0, at = 0; start < values.length; start += blockElements, at += blockBytes) {
    const largest = largestOf(values, start, blockElements);
    const scale = Math.fround(largest / 127);
    writeScale(bytes, at, scale, { name, dtype: "q8_0", largest });
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    for (let i = 0; i < blockElements; i++) {
      const scaled = Math.fround(values[start + i]! * inverse);
      // Halves away from zero.
      bytes[at + scaleBytes + i] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    }
  }
  return bytes;
}

/** Writes the values of whole blocks to `out`, from element `outOffset` on. The bytes may start at any address. */
export function dequantizeQ8(bytes: Uint8Array, out: Float32Array, outOffset: number): void {
  const halves = f16Values();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = outOffset + dtypeElements("q8_0", bytes.length);
  for (let start = outOffset, at = 0; start < end; start += blockElements, at += blockBytes) {
    const scale = halves[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let i = 0; i < blockElements; i++) out[start + i] = scale * signed[at + scaleBytes + i]!;
  }
}
