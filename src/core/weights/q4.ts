/**
 * Q4_0: blocks of 32 elements. Bytes 0 and 1 are an f16 scale; byte 2 + i has the nibble of element i below that of
 * element i + 16. An element is the scale times its nibble less 8, which an f32 holds exactly.
 * Source: block_q4_0 of ggml (https://github.com/ggml-org/ggml).
 */
import { dtypeBytes, dtypeElements, dtypeInfo, f16Values } from "../tensor/dtype.ts";
import { symmetricScale } from "./scaleSearch.ts";
import { largestOf, nearestStep, writeScale } from "./scales.ts";

const { blockElements, blockBytes } = dtypeInfo("q4_0");
const scaleBytes = 2;
const half = blockElements / 2;

/**
 * Quantizes whole blocks, each with the scale of the least squared error among 17 candidates.
 * @param name the weight's, for errors
 * @throws DiffusionError `invalid-weights` if a value is not finite, or too large for a scale in f16
 */
export function quantizeQ4(values: Float32Array, name: string): Uint8Array {
  const bytes = new Uint8Array(dtypeBytes("q4_0", values.length));
  for (let start = 0, at = 0; start < values.length; start += blockElements, at += blockBytes) {
    const largest = largestOf(values, start, blockElements);
    const best = symmetricScale(values, start, blockElements, 8);
    const scale = writeScale(bytes, at, best, { name, dtype: "q4_0", largest });
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = 0; i < half; i++) {
      const low = nearestStep(values[start + i]! * inverse, -8, 7) + 8;
      const high = nearestStep(values[start + half + i]! * inverse, -8, 7) + 8;
      bytes[at + scaleBytes + i] = low | (high << 4);
    }
  }
  return bytes;
}

/** Writes the values of whole blocks to `out`, from element `outOffset` on. The bytes may start at any address. */
export function dequantizeQ4(bytes: Uint8Array, out: Float32Array, outOffset: number): void {
  const halves = f16Values();
  const end = outOffset + dtypeElements("q4_0", bytes.length);
  for (let start = outOffset, at = 0; start < end; start += blockElements, at += blockBytes) {
    const scale = halves[bytes[at]! | (bytes[at + 1]! << 8)]!;
    for (let i = 0; i < half; i++) {
      const pair = bytes[at + scaleBytes + i]!;
      out[start + i] = scale * ((pair & 15) - 8);
      out[start + half + i] = scale * ((pair >> 4) - 8);
    }
  }
}
