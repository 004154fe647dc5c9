/** Weights in memory: vectors as f32, matrices in panels of eight rows, with the stored bits (assembly/packedWeight.ts). */
import { bug } from "../../core/error.ts";
import {
  type DType,
  dtypeBytes,
  elementCount,
  residentDType,
  type WeightEntry,
  type WeightLoadOptions,
} from "../../core/tensor/index.ts";
import { convertWeights } from "../../core/weights/convert.ts";
import { loadWeights, type WeightSink } from "../../core/weights/load.ts";
import { dtypeNumber, kernelDTypes } from "./dtypeNumber.ts";
import type { Kernels } from "./kernels.generated.ts";
import type { LinearMemory } from "./linearMemory.ts";

/** Rows of a panel. */
export const panelRows = 8;

export interface PackedWeight {
  readonly address: number;
  readonly dtype: DType;
  /** The type's number in the kernels. */
  readonly number: number;
  /** Rows of each matrix of a stack. */
  readonly rows: number;
  readonly columns: number;
}

export class PackedWeights {
  readonly #memory: LinearMemory;
  readonly #kernels: Kernels;
  readonly #matrices = new Map<string, PackedWeight>();
  readonly #vectors = new Map<string, number>();

  constructor(memory: LinearMemory, kernels: Kernels) {
    this.#memory = memory;
    this.#kernels = kernels;
  }

  matrix(symbol: string): PackedWeight {
    const matrix = this.#matrices.get(symbol);
    if (!matrix) throw bug(`Matrix '${symbol}' is not loaded`);
    return matrix;
  }

  /** The address of a vector. */
  vector(symbol: string): number {
    const address = this.#vectors.get(symbol);
    if (address === undefined) throw bug(`Vector '${symbol}' is not loaded`);
    return address;
  }

  async load(entries: readonly WeightEntry[], options: WeightLoadOptions): Promise<void> {
    for (const entry of entries) this.#place(entry);
    const { end } = this.#memory;
    const write: WeightSink["write"] = ({ entry, element, dtype }, bytes) => {
      const { symbol, shape } = entry;
      if (shape.length === 1) {
        const values = convertWeights(bytes, dtype, "f32", symbol);
        this.#memory.bytes(this.vector(symbol) + 4 * element, values.length).set(values);
        return;
      }
      const weight = this.matrix(symbol);
      const stored = convertWeights(bytes, dtype, weight.dtype, symbol);
      this.#memory.release(end);
      const from = this.#memory.place("a part of the weights", stored.length);
      this.#memory.bytes(from, stored.length).set(stored);
      this.#kernels.packWeightRows({
        dtype: weight.number,
        weight: weight.address,
        matrixRows: weight.rows,
        columns: weight.columns,
        row: element / weight.columns,
        count: stored.length / dtypeBytes(weight.dtype, weight.columns),
        from,
      });
    };
    await loadWeights(entries, { write }, options);
    this.#memory.release(end);
  }

  #place({ symbol, shape, dtype: stored }: WeightEntry): void {
    const dtype = residentDType(stored, { residentDTypes: kernelDTypes });
    const columns = shape.at(-1)!;
    const rows = shape.at(-2);
    const what = `'${symbol}'`;
    if (rows === undefined) {
      this.#vectors.set(symbol, this.#memory.place(what, 4 * columns));
      return;
    }
    const matrices = elementCount(shape) / (rows * columns);
    const panels = matrices * Math.ceil(rows / panelRows);
    const address = this.#memory.place(what, dtypeBytes(dtype, panels * panelRows * columns));
    this.#matrices.set(symbol, { address, dtype, number: dtypeNumber(dtype), rows, columns });
  }
}
