import type { ByteSource } from "../weights/source.ts";
import type { DType, Shape } from "./dtype.ts";

/** A tensor of the checkpoint, or some of its rows, as a part of a weight. */
export interface WeightPart {
  /** The tensor's name in the checkpoint. */
  readonly tensor: string;
  /** The shape that the tensor must have there, in full. */
  readonly shape: Shape;
  /** Only these rows (of the outermost dimension) belong to the weight; all of them if absent. */
  readonly rows?: { readonly start: number; readonly end: number };
}

/** A weight that a Plan names, and the tensors of the checkpoint that it is made of, one after the other. */
export interface WeightSpec {
  /** The Plan's name for it, as in `layers.3.experts.gate`. */
  readonly symbol: string;
  readonly shape: Shape;
  /**
   * Its rows belong together in pairs, row r of the first half and row r of the second (gate and up): a backend that cuts
   * it keeps pairs in one piece.
   */
  readonly fusedGateUp?: boolean;
  readonly parts: readonly WeightPart[];
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
}

/** A weight as a backend loads it: its pieces' elements, one after the other, fill `shape` exactly. */
export interface WeightEntry {
  readonly symbol: string;
  readonly shape: Shape;
  /** As in its WeightSpec. */
  readonly fusedGateUp?: boolean | undefined;
  readonly pieces: readonly WeightPiece[];
}
