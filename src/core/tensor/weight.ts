/** Weights: the checkpoint tensors that form a weight, and the bytes that a backend loads. */
import type { ByteSource } from "../byteSource.ts";
import type { DType, Shape } from "./dtype.ts";

/** Rows or columns [start, end). */
export interface WeightRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A difference between a stored matrix and the matrix that the model computes with. Loading undoes it.
 *
 * - `transposed`: rows are stored as columns.
 * - `interleaved`: in each group of `groupRows` rows, rows of the first half alternate with rows of the second half. GGUF
 *   files of llama models store queries and keys this way, one group per head, as their rotary embedding rotates pairs of
 *   adjacent rows.
 * - `halved`: the contrary. In each group, rows at even places are stored first, then those at odd places. A conversion to
 *   GGUF reads queries and keys this way.
 */
export type WeightTransform =
  | { readonly kind: "transposed" }
  | { readonly kind: "interleaved" | "halved"; readonly groupRows: number };

/** A part of a weight: a tensor of the checkpoint, or a slice of one. */
export interface WeightPart {
  /** The tensor's name in the checkpoint. */
  readonly tensor: string;
  /** The shape that the tensor must have in the checkpoint. */
  readonly shape: Shape;
  /** The difference to the matrix that the model needs. Rows and columns are those of the matrix without it. */
  readonly transform?: WeightTransform;
  /** The rows (outermost dimension) that belong to the weight; absent for all. */
  readonly rows?: WeightRange;
  /**
   * The columns (innermost dimension) that belong to the weight; absent for all. In a quantized tensor they start and end at
   * block boundaries.
   */
  readonly columns?: WeightRange;
}

/** A weight of a Plan: the concatenation of parts of the checkpoint. */
export interface WeightSpec {
  /** The weight's name in the Plan, for example `layers.3.experts.gate`. */
  readonly symbol: string;
  readonly shape: Shape;
  /**
   * Whether the rows form pairs: row r of the first half (gate) with row r of the second half (up). A backend that divides the
   * weight into shards keeps pairs together.
   */
  readonly fusedGateUp?: boolean;
  /**
   * A limit of quantization while loading. `never`: the weight keeps its stored type. `int8`: it is not quantized to fewer
   * than eight bits.
   */
  readonly quantization?: "never" | "int8";
  readonly parts: readonly WeightPart[];
}

/** The part of a piece's stored matrix that belongs to the weight. */
export interface WeightView {
  /** The number of elements in a stored row. */
  readonly storedColumns: number;
  /** The columns of a stored row that belong to the weight. */
  readonly columns: WeightRange;
  readonly transform?: WeightTransform | undefined;
}

/** Consecutive bytes of a source: elements in row-major order, little-endian. */
export interface WeightPiece {
  readonly source: ByteSource;
  /** In bytes, from the start of the source. */
  readonly offset: number;
  readonly bytes: number;
  readonly dtype: DType;
  /** The name of the tensor, for error messages. */
  readonly tensor: string;
  /** The part of the bytes that belongs to the weight, and its transform; absent if the weight is all bytes as stored. */
  readonly view?: WeightView;
}

/** A weight as a backend loads it. The elements of its pieces, concatenated, fill `shape` exactly. */
export interface WeightEntry {
  readonly symbol: string;
  readonly shape: Shape;
  /** The type in memory on backends that have it in `BackendLimits.residentDTypes`. Vectors are f32. */
  readonly dtype: DType;
  /** As `WeightSpec.fusedGateUp`. */
  readonly fusedGateUp?: boolean | undefined;
  readonly pieces: readonly WeightPiece[];
}
