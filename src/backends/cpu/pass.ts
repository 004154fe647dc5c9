/** The memory of an op. */
import type { TensorId } from "../../core/tensor/index.ts";
import type { CacheRows } from "./cacheRows.ts";
import type { WeightRows } from "./weightRows.ts";

/** The tensors of a Plan in memory. Arena tensors share memory as planned. */
export interface Memory {
  f32(id: TensorId): Float32Array;
  /** A matrix of weights. */
  matrix(id: TensorId): WeightRows;
  u32(id: TensorId): Uint32Array;
  /** Keys or values of a layer. */
  cache(id: TensorId, role: "keys" | "values"): CacheRows;
  optionalF32(id: TensorId | undefined): Float32Array | undefined;
}
