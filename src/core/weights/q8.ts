/**
 * Q8_0: blocks of 32 elements, each an f16 scale and 32 signed bytes. An element is its byte times the scale, which an
 * f32 holds exactly.
 * Source: quantize_row_q8_0_ref of ggml (https://github.com/ggml-org/ggml), whose bits these are.
 */
import { DiffusionError } from "../error.ts";
import { dtypeBytes, dtypeElements, dtypeInfo, f16Values, f32ToF16 } from "../tensor/dtype.ts";

const { blockElements, blockBytes } = dtypeInfo("q8_0");
const scaleBytes = 2;
/** The bits of infinity: a scale that would round to it cannot be stored. */
const infiniteF16 = 0x7c00;

/**
 * Quantizes whole blocks.
 * @param name the weight's, for errors
 * @throws DiffusionError `invalid-weights` if a value is not finite, or too large for a scale in f16
 */
export function quantizeQ8(values: Float32Array, name: string): Uint8Array {
  const bytes = new Uint8Array(dtypeBytes("q8_0", values.length));
  for (let start = 0, at = 0; start < values.length; start += blockElements, at += blockBytes) {
    let largest = 0;
    for (let i = start; i < start + blockElements; i++) {
      // The maximum of NaN and anything is NaN.
      largest = Math.max(largest, Math.abs(values[i]!));
    }
    const scale = Math.fround(largest / 127);
    const scaleBits = f32ToF16(scale);
    if (!(scaleBits < infiniteF16)) {
      throw new DiffusionError(
        "invalid-weights",
        `Cannot quantize '${name}' to q8_0 as its values must be finite and their scales fit into f16: found ${largest}`,
      );
    }
    bytes[at] = scaleBits & 255;
    bytes[at + 1] = scaleBits >> 8;
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
