import { DiffusionError } from "../error.ts";
import { type DType, dtypeInfo, type QuantizedDType, quantizedDTypes } from "../tensor/dtype.ts";
import type { WeightEntry, WeightSpec } from "../tensor/weight.ts";

/** What the matrices of a model are quantized to while they are loaded: `none` keeps them as the checkpoint stores them. */
export const quantizations = ["none", ...quantizedDTypes] as const;
export type Quantization = (typeof quantizations)[number];

/** The type of matrices whose rows are not whole blocks of the wanted type. */
const narrowRows: Readonly<Partial<Record<QuantizedDType, QuantizedDType>>> = { q6_k: "q8_0", q4_k: "q4_0" };

const bitsOf = (dtype: DType) => {
  const { blockBytes, blockElements } = dtypeInfo(dtype);
  return (8 * blockBytes) / blockElements;
};

/**
 * The type that a weight is quantized to; undefined if it keeps its stored type: vectors, weights that the model keeps exact,
 * rows that are not whole blocks, and weights that already take no more bits. Embedding and head are not narrower than q8_0.
 */
export function quantizedDType(
  { shape, dtype }: Pick<WeightEntry, "shape" | "dtype">,
  { quantization }: Pick<WeightSpec, "quantization">,
  wanted: QuantizedDType,
): QuantizedDType | undefined {
  if (shape.length < 2 || quantization === "never") return undefined;
  const first = quantization === "int8" ? "q8_0" : wanted;
  const type = [first, narrowRows[first]].find(
    (each) => each && shape.at(-1)! % dtypeInfo(each).blockElements === 0,
  );
  return type && bitsOf(type) < bitsOf(dtype) ? type : undefined;
}

/**
 * The same weights, matrices quantized while they are loaded.
 * @param specs of the entries, in their order
 * @throws DiffusionError `unsupported` if nothing is quantized, now or as stored
 */
export function quantized(
  entries: readonly WeightEntry[],
  specs: readonly WeightSpec[],
  wanted: QuantizedDType,
): WeightEntry[] {
  const changed = entries.map((entry, index) => {
    const dtype = quantizedDType(entry, specs[index]!, wanted);
    return dtype ? { ...entry, dtype } : entry;
  });
  if (changed.some(({ dtype }) => dtypeInfo(dtype).blockElements > 1)) return changed;
  const { blockElements } = dtypeInfo(narrowRows[wanted] ?? wanted);
  throw new DiffusionError(
    "unsupported",
    `Cannot quantize weights to ${wanted} as rows must be whole blocks of ${blockElements} elements: found no matrix with such rows`,
  );
}
