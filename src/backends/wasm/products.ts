/** Products of activations and weights: the rows are packed, then multiplied. */

import { type DType, isQuantized } from "../../core/tensor/index.ts";
import type { Buffers, SharedBuffer } from "./buffers.ts";
import type { Kernels } from "./kernels.generated.ts";
import { type TiledRows, tileRows } from "./passLists.ts";
import type { PackedWeight } from "./weights.ts";

/** What the left side is made of (assembly/activations.ts). */
export type RowSource =
  | { readonly kind: "plain"; readonly x: number }
  | { readonly kind: "normed"; readonly x: number; readonly norm: number; readonly epsilon: number }
  /** Rows [gate | up]. */
  | { readonly kind: "gated"; readonly x: number };

/** Elements of activations that share a scale (assembly/dtype.ts). */
const blockElements = 32;
/** Sums of 32 products with integers of Q6_K, which are up to 4096, must fit into 32 bits. */
const largestInteger = (dtype: DType) => (dtype === "q6_k" ? 16383 : 32767);

const sourceNumbers = { plain: 0, normed: 1, gated: 2 } as const;

export interface ProductTarget {
  readonly out: number;
  /** Elements from one row of `out` to the next. */
  readonly width: number;
  /** Address of one number for each column; 0 or absent for none. */
  readonly bias?: number;
  /** Address of rows like those of `out`; 0 or absent for none. */
  readonly residual?: number;
}

export class Products {
  readonly #kernels: Kernels;
  readonly #buffers: Buffers;
  readonly #threads: number;
  readonly #packed: SharedBuffer;
  readonly #scales: SharedBuffer;
  readonly #sums: SharedBuffer;

  constructor(kernels: Kernels, buffers: Buffers, threads: number) {
    this.#kernels = kernels;
    this.#buffers = buffers;
    this.#threads = threads;
    this.#packed = this.reserve(0, { columns: 0, dtype: "f32" });
    this.#scales = this.#buffers.reserve("scales of activations", 0);
    this.#sums = this.#buffers.reserve("sums of activations", 0);
  }

  /** Announces a product of up to so many tiles. */
  reserve(tiles: number, { columns, dtype }: Pick<PackedWeight, "columns" | "dtype">): SharedBuffer {
    const elements = tiles * tileRows * columns;
    if (!isQuantized(dtype)) return this.#buffers.reserve("packed activations", 4 * elements);
    this.#buffers.reserve("scales of activations", (4 * elements) / blockElements);
    if (dtype === "q4_k") this.#buffers.reserve("sums of activations", (4 * elements) / blockElements);
    return this.#buffers.reserve("packed activations", 2 * elements);
  }

  /** out[to] = source[from] * weight^T (+ bias) (+ residual) */
  run(
    source: RowSource,
    weight: PackedWeight,
    target: ProductTarget,
    from: TiledRows,
    to: TiledRows = from,
  ): void {
    const { columns } = weight;
    const normed = source.kind === "normed" ? source : undefined;
    const rows = {
      source: sourceNumbers[source.kind],
      x: source.x,
      norm: normed?.norm ?? 0,
      epsilon: normed?.epsilon ?? 0,
      columns,
      from: from.rows,
      tiles: from.tiles,
      out: this.#packed.address,
    };
    if (isQuantized(weight.dtype))
      this.#kernels.packI16({
        ...rows,
        scales: this.#scales.address,
        sums: weight.dtype === "q4_k" ? this.#sums.address : 0,
        largest: largestInteger(weight.dtype),
      });
    else this.#kernels.packF32(rows);
    this.#kernels.product({
      dtype: weight.number,
      weight: weight.address,
      columns,
      outFeatures: weight.rows,
      x: this.#packed.address,
      xScales: this.#scales.address,
      xSums: this.#sums.address,
      groups: to.groups,
      groupCount: to.groupCount,
      to: to.rows,
      out: target.out,
      outWidth: target.width,
      bias: target.bias ?? 0,
      residual: target.residual ?? 0,
      // A few for each thread, as threads are not equally fast.
      tasks: 4 * this.#threads,
    });
  }
}
