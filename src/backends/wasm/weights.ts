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
import { loadWeights } from "../../core/weights/load.ts";
import type { WeightSlice } from "../../core/weights/reads.ts";
import { dtypeNumber, kernelDTypes } from "./dtypeNumber.ts";
import type { Kernels } from "./kernels.generated.ts";
import type { LinearMemory } from "./linearMemory.ts";

/** Rows of a panel. */
export const panelRows = 8;

/**
 * Memory for loading, at most: the reads, and what one of them becomes. It must be there before the first read, as memory that
 * grows while bytes are read into it loses them where it is not shared.
 */
export const loadingBytes = 2 ** 27;

export interface PackedWeight {
  readonly address: number;
  readonly dtype: DType;
  /** The type's number in the kernels. */
  readonly number: number;
  /** Rows of each matrix of a stack. */
  readonly rows: number;
  readonly columns: number;
}

type WeightShape = Pick<WeightEntry, "shape" | "dtype">;

/** Bytes of a weight in memory. */
export function packedBytes({ shape, dtype: stored }: WeightShape): number {
  const columns = shape.at(-1)!;
  const rows = shape.at(-2);
  if (rows === undefined) return 4 * columns;
  const matrices = elementCount(shape) / (rows * columns);
  const panels = matrices * Math.ceil(rows / panelRows);
  return dtypeBytes(packedDType(stored), panels * panelRows * columns);
}

function packedDType(stored: DType): DType {
  return residentDType(stored, { residentDTypes: kernelDTypes });
}

/** The weights of one memory. */
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

  /** @throws DiffusionError `out-of-memory` */
  place(symbol: string, weight: WeightShape): void {
    const address = this.#memory.place(`'${symbol}'`, packedBytes(weight));
    const columns = weight.shape.at(-1)!;
    const rows = weight.shape.at(-2);
    if (rows === undefined) {
      this.#vectors.set(symbol, address);
      return;
    }
    const dtype = packedDType(weight.dtype);
    this.#matrices.set(symbol, { address, dtype, number: dtypeNumber(dtype), rows, columns });
  }

  /** Writes a part of a weight to its place. Needs memory of the part's size behind all places. */
  write({ entry, element, dtype }: WeightSlice, bytes: Uint8Array): void {
    const { symbol, shape } = entry;
    if (shape.length === 1) {
      const values = convertWeights(bytes, dtype, "f32", symbol);
      this.#memory.bytes(this.vector(symbol) + 4 * element, values.length).set(values);
      return;
    }
    const weight = this.matrix(symbol);
    const stored = convertWeights(bytes, dtype, weight.dtype, symbol);
    const { end, memory } = this.#memory;
    const isHere = stored.buffer === memory.buffer;
    const from = isHere ? stored.byteOffset : this.#memory.place("a part of the weights", stored.length);
    if (!isHere) this.#memory.bytes(from, stored.length).set(stored);
    this.#kernels.packWeightRows({
      dtype: weight.number,
      weight: weight.address,
      matrixRows: weight.rows,
      columns: weight.columns,
      row: element / weight.columns,
      count: stored.length / dtypeBytes(weight.dtype, weight.columns),
      from,
    });
    this.#memory.release(end);
  }
}

export interface WeightMemory {
  readonly memory: LinearMemory;
  readonly weights: PackedWeights;
  readonly names: ReadonlySet<string>;
}

/**
 * Loads weights into memories.
 * @param memories with the weights of each, and their names
 */
export async function loadPacked(
  memories: readonly WeightMemory[],
  entries: readonly WeightEntry[],
  options: WeightLoadOptions,
): Promise<void> {
  for (const { weights, names } of memories)
    for (const entry of entries) if (names.has(entry.symbol)) weights.place(entry.symbol, entry);
  const write = (slice: WeightSlice, bytes: Uint8Array) => {
    for (const { weights, names } of memories) if (names.has(slice.entry.symbol)) weights.write(slice, bytes);
  };
  // Passes use the memory of the reads later.
  const { memory } = memories[0]!;
  const { end } = memory;
  const buffer = (bytes: number) => memory.bytes(memory.place("what is read", bytes), bytes);
  memory.reserve("what is read", loadingBytes);
  await loadWeights(entries, { write, buffer }, options);
  memory.release(end);
}
