/** Tables of rotary positions, computed on the host in f64, as shaders guarantee neither range nor precision of sin and cos. */
import { allocate } from "../allocate.ts";
import type { Shape, WeightEntry } from "../tensor/index.ts";
import { type RotaryPositions, ropeFrequencies, ropeMagnitude } from "./ropeScaling.ts";

/**
 * The weight `rope`: [context, rotaryDimension] f32. Each row has the cosines of a position's angles, then the sines.
 * Angle k of position p is p times the k-th of `ropeFrequencies`; without scaling, p · theta^(-2k / rotaryDimension).
 * @throws DiffusionError `out-of-memory`
 */
export function ropeTable(context: number, positions: RotaryPositions): WeightEntry {
  const { rotaryDimension } = positions;
  const frequencies = ropeFrequencies(positions);
  const magnitude = ropeMagnitude(positions);
  const half = rotaryDimension / 2;
  const length = context * rotaryDimension;
  const table = allocate("the rotary positions", 4 * length, () => new Float32Array(length));
  for (let position = 0; position < context; position++) {
    for (let k = 0; k < half; k++) {
      const angle = position * frequencies[k]!;
      table[position * rotaryDimension + k] = magnitude * Math.cos(angle);
      table[position * rotaryDimension + half + k] = magnitude * Math.sin(angle);
    }
  }
  return computedWeight("rope", [context, rotaryDimension], table);
}

/** A weight that no file has. */
export function computedWeight(symbol: string, shape: Shape, values: Float32Array<ArrayBuffer>): WeightEntry {
  const bytes = new Uint8Array(values.buffer);
  const source = {
    name: symbol,
    size: bytes.length,
    read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
  const piece = { source, offset: 0, bytes: bytes.length, dtype: "f32", tensor: symbol } as const;
  return { symbol, shape, dtype: "f32", pieces: [piece] };
}
