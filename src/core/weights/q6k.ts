/**
 * Q6_K: blocks of 256 elements in sixteen groups of 16. Bytes 0 to 127 have the lower four bits of each element, bytes 128 to
 * 191 the upper two, bytes 192 to 207 a signed scale of each group, and bytes 208 and 209 a number `d` in f16. Elements come in
 * halves of 128, and these in quarters of 32: element i of quarter q of half h has its lower bits in byte 64 h + 32 (q mod 2) + i,
 * in the lower nibble for q < 2, and its upper bits in byte 128 + 32 h + i from bit 2 q on. An element is d · scale · (bits − 32),
 * which an f32 holds exactly.
 * Source: block_q6_K of ggml (https://github.com/ggml-org/ggml).
 */
import { dtypeBytes, dtypeElements, dtypeInfo, f16Values } from "../tensor/dtype.ts";
import { symmetricScale } from "./scaleSearch.ts";
import { largestOf, nearestStep, writeScale } from "./scales.ts";

const { blockElements, blockBytes } = dtypeInfo("q6_k");
const groups = 16;
const groupElements = 16;
const upperAt = 128;
const scalesAt = 192;
const dAt = 208;
const quarter = 32;
const quarters = 8;
/** Bytes of lower and of upper bits of a half of 128 elements. */
const halfLower = 64;
const halfUpper = 32;

/**
 * Quantizes whole blocks, each group with the scale of the least squared error among 17 candidates.
 * @param name the weight's, for errors
 * @throws DiffusionError `invalid-weights` if a value is not finite, or too large for a scale in f16
 */
export function quantizeQ6K(values: Float32Array, name: string): Uint8Array {
  const bytes = new Uint8Array(dtypeBytes("q6_k", values.length));
  const scales = new Float64Array(groups);
  const steps = new Float64Array(groups);
  for (let start = 0, at = 0; start < values.length; start += blockElements, at += blockBytes) {
    const largest = largestOf(values, start, blockElements);
    let widest = 0;
    for (let group = 0; group < groups; group++) {
      scales[group] = symmetricScale(values, start + group * groupElements, groupElements, 32);
      if (Math.abs(scales[group]!) > Math.abs(widest)) widest = scales[group]!;
    }
    // The widest scale becomes -128, which is a step more than 127.
    const d = writeScale(bytes, at + dAt, widest / -128, { name, dtype: "q6_k", largest });
    for (let group = 0; group < groups; group++) {
      const scale = d === 0 ? 0 : nearestStep(scales[group]! / d, -128, 127);
      bytes[at + scalesAt + group] = scale;
      steps[group] = d * scale;
    }
    for (let q = 0; q < quarters; q++) {
      const { lower, lowerShift, upper, upperShift } = placeOf(at, q);
      for (let i = 0; i < quarter; i++) {
        const step = steps[2 * q + (i >> 4)]!;
        const value = values[start + q * quarter + i]!;
        const bits = (step === 0 ? 0 : nearestStep(value / step, -32, 31)) + 32;
        bytes[lower + i]! |= (bits & 15) << lowerShift;
        bytes[upper + i]! |= (bits >> 4) << upperShift;
      }
    }
  }
  return bytes;
}

/** Where the elements of one of the eight quarters of 32 lie. */
function placeOf(block: number, q: number) {
  const half = q >> 2;
  return {
    lower: block + half * halfLower + (q & 1) * quarter,
    lowerShift: q & 2 ? 4 : 0,
    upper: block + upperAt + half * halfUpper,
    upperShift: 2 * (q & 3),
  };
}

/** Writes the values of whole blocks to `out`, from element `outOffset` on. The bytes may start at any address. */
export function dequantizeQ6K(bytes: Uint8Array, out: Float32Array, outOffset: number): void {
  const halves = f16Values();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = outOffset + dtypeElements("q6_k", bytes.length);
  for (let start = outOffset, at = 0; start < end; start += blockElements, at += blockBytes) {
    const d = halves[bytes[at + dAt]! | (bytes[at + dAt + 1]! << 8)]!;
    for (let q = 0; q < quarters; q++) {
      const { lower, lowerShift, upper, upperShift } = placeOf(at, q);
      for (let i = 0; i < quarter; i++) {
        const step = d * signed[at + scalesAt + 2 * q + (i >> 4)]!;
        const bits =
          ((bytes[lower + i]! >> lowerShift) & 15) | (((bytes[upper + i]! >> upperShift) & 3) << 4);
        out[start + q * quarter + i] = step * (bits - 32);
      }
    }
  }
}
