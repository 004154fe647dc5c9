/**
 * Q4_K: blocks of 256 elements in eight groups of 32. Bytes 0 to 3 are two numbers in f16, `d` and `dMin`; bytes 4 to 15 the
 * 6-bit scale and minimum of each group; byte 16 + 32 g + i has the nibble of element 64 g + i below that of element
 * 64 g + 32 + i. An element is d · scale · nibble − dMin · minimum: both products are exact in f32, the difference is rounded.
 * Source: block_q4_K of ggml (https://github.com/ggml-org/ggml).
 */
import { dtypeBytes, dtypeElements, dtypeInfo, f16Values } from "../tensor/dtype.ts";
import { type AffineScale, affineScale } from "./scaleSearch.ts";
import { largestOf, nearestStep, writeScale } from "./scales.ts";

const { blockElements, blockBytes } = dtypeInfo("q4_k");
const groups = 8;
const groupElements = 32;
const scalesAt = 4;
const nibblesAt = 16;
/** The largest scale and minimum of a group. */
const maxFactor = 63;
const maxNibble = 15;

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
 * Quantizes whole blocks. Each group has the scale and minimum of the least squared error among the fits of `affineScale`, and
 * then among the nearest six bits and their neighbours.
 * @param name the weight's, for errors
 * @throws DiffusionError `invalid-weights` if a value is not finite, or too large for a scale in f16
 */
export function quantizeQ4K(values: Float32Array, name: string): Uint8Array {
  const bytes = new Uint8Array(dtypeBytes("q4_k", values.length));
  for (let start = 0, at = 0; start < values.length; start += blockElements, at += blockBytes) {
    const largest = largestOf(values, start, blockElements);
    const fits = Array.from({ length: groups }, (_, group) =>
      affineScale(values, start + group * groupElements, groupElements, maxNibble),
    );
    const context = { name, dtype: "q4_k", largest } as const;
    const d = writeScale(bytes, at, Math.max(...fits.map(({ scale }) => scale)) / maxFactor, context);
    const dMin = writeScale(
      bytes,
      at + 2,
      Math.max(...fits.map(({ minimum }) => minimum)) / maxFactor,
      context,
    );
    for (let group = 0; group < groups; group++) {
      const first = start + group * groupElements;
      const own = values.subarray(first, first + groupElements);
      const [scale, minimum] = bestFactors(own, fits[group]!, d, dMin);
      putFactors(bytes, at, group, scale, minimum);
      const step = d * scale;
      const inverse = step === 0 ? 0 : 1 / step;
      const shift = group % 2 === 0 ? 0 : 4;
      const to = at + nibblesAt + (group >> 1) * groupElements;
      for (let i = 0; i < groupElements; i++) {
        bytes[to + i]! |= nearestStep((own[i]! + dMin * minimum) * inverse, 0, maxNibble) << shift;
      }
    }
  }
  return bytes;
}

/** The six bits of scale and minimum with the least squared error, among those next to the fit. */
function bestFactors(
  values: Float32Array,
  fit: AffineScale,
  d: number,
  dMin: number,
): readonly [scale: number, minimum: number] {
  const nearScale = d === 0 ? 0 : nearestStep(fit.scale / d, 0, maxFactor);
  const nearMinimum = dMin === 0 ? 0 : nearestStep(fit.minimum / dMin, 0, maxFactor);
  let best: readonly [number, number] = [nearScale, nearMinimum];
  let least = Infinity;
  for (let scale = Math.max(0, nearScale - 1); scale <= Math.min(maxFactor, nearScale + 1); scale++) {
    for (
      let minimum = Math.max(0, nearMinimum - 1);
      minimum <= Math.min(maxFactor, nearMinimum + 1);
      minimum++
    ) {
      const error = squaredError(values, d * scale, dMin * minimum);
      if (error >= least) continue;
      least = error;
      best = [scale, minimum];
    }
  }
  return best;
}

function squaredError(values: Float32Array, step: number, minimum: number): number {
  const inverse = step === 0 ? 0 : 1 / step;
  const shift = minimum * inverse + 0.5;
  let error = 0;
  for (let i = 0; i < values.length; i++) {
    const nibble = Math.max(0, Math.min(maxNibble, (values[i]! * inverse + shift) | 0));
    const difference = step * nibble - minimum - values[i]!;
    error += difference * difference;
  }
  return error;
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
