/** Weights: the tensors of a checkpoint that they are made of, and the bytes that a backend loads. */
import type { ByteSource } from "../byteSource.ts";
import type { DType, Shape } from "./dtype.ts";

/** Rows or columns [start, end). */
export interface WeightRange {
  readonly start: number;
  readonly end: number;
}

/**
 * How a stored matrix differs from the one that the model computes with; loading undoes it.
 *
 * - `transposed`: rows are stored as columns.
 * - `interleaved`: within each group of `groupRows` rows, the first half and the second half are stored row by row in
 *   turn. GGUF files of llama store queries and keys that way, a group a head: the rotation pairs neighbours there.
 */
export type WeightTransform =
  | { readonly kind: "transposed" }
  | { readonly kind: "interleaved"; readonly groupRows: number };

/** A tensor of the checkpoint, or a slice of it, as a part of a weight. */
export interface WeightPart {
  /** The tensor's name in the checkpoint. */
  readonly tensor: string;
  /** The shape that the tensor must have in the checkpoint. */
  readonly shape: Shape;
  /** How the tensor is stored, if not as the model needs it. Undone before rows and columns are counted. */
  readonly transform?: WeightTransform;
  /** The rows (of the outermost dimension) that belong to the weight; all if absent. */
  readonly rows?: WeightRange;
  /**
   * The columns (of the innermost dimension) that belong to the weight; all if absent. In a quantized tensor they begin
   * and end between blocks.
   */
  readonly columns?: WeightRange;
}

/** A weight that a Plan names, made of parts of the checkpoint, one after the other. */
export interface WeightSpec {
  /** The Plan's name for it, as in `layers.3.experts.gate`. */
  readonly symbol: string;
  readonly shape: Shape;
  /**
   * Whether the rows form pairs, row r of the first half (gate) with row r of the second (up). A backend that cuts the
   * weight keeps pairs together.
   */
  readonly fusedGateUp?: boolean;
  /** Whether it stays as it is stored where others are quantized. */
  readonly neverQuantized?: boolean;
  readonly parts: readonly WeightPart[];
}

/** The matrix within the stored rows of a piece. */
export interface WeightView {
  /** Elements of a stored row. */
  readonly storedColumns: number;
  /** The columns of a stored row that belong to the weight. */
  readonly columns: WeightRange;
  readonly transform?: WeightTransform | undefined;
}

/** Consecutive bytes of a source: row-major elements, little-endian. */
export interface WeightPiece {
  readonly source: ByteSource;
  /** From the source's start, in bytes. */
  readonly offset: number;
  readonly bytes: number;
  readonly dtype: DType;
  /** The tensor's name, for errors. */
  readonly tensor: string;
  /** The part of the bytes that belongs to the weight, and in which order; absent where that is all, as stored. */
  readonly view?: WeightView;
}

/** A weight as a backend loads it: the elements of its pieces, one after the other, fill `shape` exactly. */
export interface WeightEntry {
  readonly symbol: string;
  readonly shape: Shape;
  /** The type that the weight is kept in by backends that keep stored types (BackendLimits). Vectors are f32. */
  readonly dtype: DType;
  /** As in its WeightSpec. */
  readonly fusedGateUp?: boolean | undefined;
  readonly pieces: readonly WeightPiece[];
}
