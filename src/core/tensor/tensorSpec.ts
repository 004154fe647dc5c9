/** The symbolic tensors of a Plan: shapes, and sizes under the counts of a pass. */
import type { DType } from "./dtype.ts";

/**
 * A dimension without a fixed size: the computed `tokens` of a pass, the wanted `rows` of a pass, or the `positions` of the
 * K/V pool.
 */
export type SymbolicDimension = "tokens" | "rows" | "positions";
/** A number, a symbolic dimension, or a multiple of one (`{of: "tokens", times: 2}`). */
export type Dimension =
  | number
  | SymbolicDimension
  | { readonly of: SymbolicDimension; readonly times: number };

/** Maximum tokens and rows of a pass, and the positions of the K/V pool. */
export type Capacity = Readonly<Record<SymbolicDimension, number>>;

/**
 * Where a tensor is stored. `arena`: scratch memory of one pass. `weight`: loaded once and never written. `cache`: the K/V pool.
 * `boundary`: memory that one Plan writes and another reads.
 */
export type Storage = "arena" | "weight" | "cache" | "boundary";

export type TensorId = number;
export interface TensorSpec {
  readonly id: TensorId;
  /** Unique among weights and caches, which backends look up by name. */
  readonly name: string;
  readonly shape: readonly Dimension[];
  readonly dtype: DType;
  readonly storage: Storage;
}

/** The size of a dimension under the given counts. */
export function sizeOf(dimension: Dimension, counts: Capacity): number {
  if (typeof dimension === "number") return dimension;
  if (typeof dimension === "string") return counts[dimension];
  return counts[dimension.of] * dimension.times;
}

/** Elements of a tensor under the given counts. */
export function elementsOf(tensor: TensorSpec, counts: Capacity): number {
  return tensor.shape.reduce<number>((product, dimension) => product * sizeOf(dimension, counts), 1);
}

/** A shape in words: `[tokens, 128]`. */
export function shapeText(shape: readonly Dimension[]): string {
  const texts = shape.map((d) => (typeof d === "object" ? `${d.of}*${d.times}` : String(d)));
  return `[${texts.join(", ")}]`;
}
