import { DiffusionError } from "../error.ts";
import { dtypeInfo } from "../tensor/dtype.ts";
import type { WeightEntry, WeightSpec } from "../tensor/weight.ts";

/** The types that the matrices of a model may be loaded in: as the checkpoint stores them, or quantized. */
export const weightDTypes = ["stored", "q8_0"] as const;
export type WeightDType = (typeof weightDTypes)[number];

/**
 * The same weights, matrices quantized while they are loaded. Those stay as they are stored whose rows are not whole
 * blocks, and those that the model keeps exact. As with llama.cpp the embedding and the head are quantized, too.
 * @throws DiffusionError `unsupported` if that leaves nothing to quantize
 */
export function quantized(
  entries: readonly WeightEntry[],
  specs: readonly WeightSpec[],
  dtype: Exclude<WeightDType, "stored">,
): WeightEntry[] {
  const { blockElements } = dtypeInfo(dtype);
  const exact = new Set(specs.filter((spec) => spec.neverQuantized).map(({ symbol }) => symbol));
  const changes = ({ symbol, shape }: WeightEntry) =>
    shape.length > 1 && shape.at(-1)! % blockElements === 0 && !exact.has(symbol);
  if (!entries.some(changes)) {
    throw new DiffusionError(
      "unsupported",
      `Cannot quantize weights to ${dtype} as rows must be whole blocks of ${blockElements} elements: found no matrix with such rows`,
    );
  }
  return entries.map((entry) => (changes(entry) ? { ...entry, dtype } : entry));
}
