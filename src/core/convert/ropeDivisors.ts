/** Scaling of rotary positions that GGUF files have as a tensor. */
import { ropeDivisorsTensor } from "../gguf/index.ts";
import { computedWeight, type RotaryPositions, ropeDivisors } from "../model/index.ts";
import type { OutputTensor } from "./tensors.ts";

/** One tensor for Llama 3's scaling; for other models none. */
export function ropeDivisorTensors(positions: RotaryPositions): readonly OutputTensor[] {
  const kind = positions.ropeScaling?.kind;
  if (kind !== "llama3" && kind !== "divisors") return [];
  const values = Float32Array.from(ropeDivisors(positions));
  const name = ropeDivisorsTensor;
  const shape = [values.length];
  const entry = computedWeight(name, shape, values);
  return [{ name, shape, dtype: "f32", bytes: values.byteLength, entry }];
}
