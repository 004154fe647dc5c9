/** Bytes of weights by type, and what they would take if they were quantized. */
import {
  type BackendLimits,
  type DType,
  dtypeBytes,
  elementCount,
  type QuantizedDType,
  quantizedDTypes,
  residentDType,
  type WeightEntry,
  type WeightSpec,
} from "../../tensor/index.ts";
import { type Quantization, quantizedDType } from "../../weights/index.ts";

export interface WeightTypeSize {
  readonly dtype: DType;
  /** Elements of all weights of this type. */
  readonly parameters: number;
  readonly bytes: number;
}

/** The sizes of the types in which a backend that keeps the checkpoint's types holds the weights, largest first. */
export function weightTypeSizes(
  weights: readonly Pick<WeightEntry, "shape" | "dtype">[],
): readonly WeightTypeSize[] {
  const counts = new Map<DType, number>();
  for (const { dtype, shape } of weights) counts.set(dtype, (counts.get(dtype) ?? 0) + elementCount(shape));
  return Array.from(counts, ([dtype, parameters]) => ({
    dtype,
    parameters,
    bytes: dtypeBytes(dtype, parameters),
  })).sort((a, b) => b.bytes - a.bytes);
}

/**
 * Bytes of the weights in memory for each value of `quantize`.
 * @param weights as stored, in the order of the specs
 */
export function quantizedWeightBytes(
  specs: readonly WeightSpec[],
  weights: readonly Pick<WeightEntry, "shape" | "dtype">[],
  limits: Pick<BackendLimits, "residentDTypes">,
): Readonly<Record<Quantization, number>> {
  const bytesAs = (wanted: QuantizedDType | undefined) =>
    weights.reduce((sum, weight, index) => {
      const dtype = (wanted && quantizedDType(weight, specs[index]!, wanted)) ?? weight.dtype;
      return sum + dtypeBytes(residentDType(dtype, limits), elementCount(weight.shape));
    }, 0);
  const all = quantizedDTypes.map((dtype) => [dtype, bytesAs(dtype)] as const);
  return { none: bytesAs(undefined), ...(Object.fromEntries(all) as Record<QuantizedDType, number>) };
}
