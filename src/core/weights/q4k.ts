/**
 * Q4_K: blocks of 256 elements in eight groups of 32. Bytes 0 to 3 are two numbers in f16, `d` and `dMin`; bytes 4 to 15 the
 * 6-bit scale and minimum of each group; byte 16 + 32 g + i has the nibble of element 64 g + i below that of element
 * 64 g + 32 + i. An element is d · scale · nibble − dMin · minimum: both products are exact in f32, the difference is rounded.
 * Source: block_q4_K of ggml (https://github.com/ggml-org/ggml).
 */
import { dtypeBytes, dtypeElements, dtypeInfo, f16Values } from "../tensor/dtype.ts";
import { affineScale } from "./scaleSearch.ts";
import { largestOf, nearestStep, writeScale } from "./scales.ts";

const { blockElements, blockBytes } = dtypeInfo("q4_k");
const groups = 8;
const groupElements = 32;
const scalesAt = 4;
const nibblesAt = 16;
/** The largest scale and minimum of a group. */
const maxFactor = 63;

/**
 * The 6-bit scale and minimum of a group. Groups 0 to 3 have theirs in the lower six bits of bytes 0 to 3 and 4 to 7; groups
 * 4 to 7 have the lower four bits in bytes 8 to 11, and the upper two above those of the group four before.
 */
export function factorsOf(bytes: Uint8Array, block: number, group: number): readonly [number, number] {
  const at = block + scalesAt;
  if (group < 4) return [bytes[at + group]! & 63, bytes[at + 4 + group]! & 63];
  const low = bytes[at + 4 + group]!;
  return [(low & 15) | ((bytes[at + group - 4]! >> 6) << 4), (low >> 4) | ((bytes[at + group]! >> 6) << 4)];
}

function putFactors(bytes: Uint8Array, block: number, group: number, scale: number, minimum: number): void {
  const at = block + scalesAt;
  if (group < 4) {
    bytes[at + group]! |= scale;
    bytes[at + 4 + group]! |= minimum;
    return;
  }
  bytes[at + 4 + group] = (scale & 15) | ((minimum & 15) << 4);
  bytes[at + group - 4]! |= (scale >> 4) << 6;
  bytes[at + group]! |= (minimum >> 4) << 6;
}

/**
 * Quantizes whole blocks. Each group has the scale and minimum of the least weighted squared error among 21 candidates; large
 * elements weigh more.
 * @param name the weight's, for errors
 * @throws DiffusionError `invalid-weights` if a value is not finite, or too large for a scale in f16
 */
export function quantizeQ4K(values: Float32Array, name: string): Uint8Array {
  const bytes = new Uint8Array(dtypeBytes("q4_k", values.length));
  const scales = new Float64Array(groups);
  const minimums = new Float64Array(groups);
  for (let start = 0, at = 0; start < values.length; start += blockElements, at += blockBytes) {
    const largest = largestOf(values, start, blockElements);
    for (let group = 0; group < groups; group++) {
      const best = affineScale(values, start + group * groupElements, groupElements, 15);
      scales[group] = best.scale;
      minimums[group] = best.minimum;
    }
    const context = { name, dtype: "q4_k", largest } as const;
    const d = writeScale(bytes, at, Math.max(...scales) / maxFactor, context);
    const dMin = writeScale(bytes, at + 2, Math.max(...minimums) / maxFactor, context);
    for (let group = 0; group < groups; group++) {
      const scale = d === 0 ? 0 : nearestStep(scales[group]! / d, 0, maxFactor);
      const minimum = dMin === 0 ? 0 : nearestStep(minimums[group]! / dMin, 0, maxFactor);
      putFactors(bytes, at, group, scale, minimum);
      const inverse = d * scale === 0 ? 0 : 1 / (d * scale);
      const first = start + group * groupElements;
      const shift = group % 2 === 0 ? 0 : 4;
      const to = at + nibblesAt + (group >> 1) * groupElements;
      for (let i = 0; i < groupElements; i++) {
        const nibble = nearestStep((values[first + i]! + dMin * minimum) * inverse, 0, 15);
        bytes[to + i]! |= nibble << shift;
      }
    }
  }
  return bytes;
}

/** Writes the values of whole blocks to `out`, from element `outOffset` on. The bytes may start at any address. */
export function dequantizeQ4K(bytes: Uint8Array, out: Float32Array, outOffset: number): void {
  const halves = f16Values();
  const end = outOffset + dtypeElements("q4_k", bytes.length);
  for (let start = outOffset, at = 0; start < end; start += blockElements, at += blockBytes) {
    const d = halves[bytes[at]! | (bytes[at + 1]! << 8)]!;
    const dMin = halves[bytes[at + 2]! | (bytes[at + 3]! << 8)]!;
    for (let group = 0; group < groups; group++) {
      const [scale, minimum] = factorsOf(bytes, at, group);
      const step = d * scale;
      const below = dMin * minimum;
      const shift = group % 2 === 0 ? 0 : 4;
      const from = at + nibblesAt + (group >> 1) * groupElements;
      const first = start + group * groupElements;
      for (let i = 0; i < groupElements; i++) {
        out[first + i] = step * ((bytes[from + i]! >> shift) & 15) - below;
      }
    }
  }
}
