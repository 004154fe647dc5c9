/** The memory of the CPU backend: weights and K/V pool by name, one arena, and the views that Plans have of them. */
import { allocate } from "../../core/allocate.ts";
import { bug } from "../../core/error.ts";
import {
  type ArenaPlan,
  dtypeBytes,
  elementsOf,
  f16ToF32,
  isQuantized,
  type Plan,
  planArena,
  type TensorId,
} from "../../core/tensor/index.ts";
import { rowsOfF16, rowsOfF32 } from "./cacheRows.ts";
import type { Memory } from "./pass.ts";
import { weightRowsOfBlocks, weightRowsOfF32 } from "./weightRows.ts";

/** Elements of quantized weights that are converted at a time: 128 KiB, which stay in a CPU's cache. */
const convertedElements = 32768;

export class CpuMemory {
  /** In f32, or quantized as blocks. */
  readonly weights = new Map<string, Float32Array | Uint8Array>();
  readonly caches = new Map<string, Float32Array | Uint16Array>();
  readonly #boundaries = new Map<string, Float32Array>();
  /** Converted rows of memory that is not f32: one for keys, one for values, one for weights. */
  readonly #scratch = new Map<string, Float32Array>();
  #arena = new ArrayBuffer(0);

  /** Allocates the memory of the Plans; weights must be loaded before. */
  prepare(plans: readonly Plan[]): readonly Memory[] {
    const arenas = plans.map(planArena);
    const bytes = Math.max(0, ...arenas.map((arena) => arena.bytes));
    this.#arena = allocate("the arena", bytes, () => new ArrayBuffer(bytes));
    return plans.map((plan, index) => this.#view(plan, arenas[index]!));
  }

  /** A copy of a cache or boundary tensor. */
  read(name: string): Float32Array {
    const tensor = this.caches.get(name) ?? this.#boundaries.get(name);
    if (!tensor) throw bug(`There is no cache or boundary tensor '${name}' to be read`);
    return tensor instanceof Uint16Array ? Float32Array.from(tensor, f16ToF32) : tensor.slice();
  }

  dispose(): void {
    this.weights.clear();
    this.caches.clear();
    this.#boundaries.clear();
    this.#scratch.clear();
    this.#arena = new ArrayBuffer(0);
  }

  #view(plan: Plan, arena: ArenaPlan): Memory {
    const named = (map: Map<string, Float32Array>, name: string, length: number): Float32Array =>
      kept(map, name, 4 * length, () => new Float32Array(length));
    const tensorOf = (id: TensorId) => {
      const tensor = plan.tensors[id];
      if (!tensor) throw bug(`Plan '${plan.name}' has no tensor ${id}`);
      return tensor;
    };
    const f32 = (id: TensorId): Float32Array => {
      const tensor = tensorOf(id);
      const length = elementsOf(tensor, plan.capacity);
      switch (tensor.storage) {
        case "weight": {
          const weight = this.weights.get(tensor.name);
          if (!(weight instanceof Float32Array) || weight.length !== length)
            throw bug(`Weight '${tensor.name}' is not loaded with ${length} elements of f32`);
          return weight;
        }
        case "cache":
          throw bug(`'${tensor.name}' is a part of the K/V pool, which is read by rows`);
        case "boundary":
          return named(this.#boundaries, tensor.name, length);
        case "arena":
          return new Float32Array(this.#arena, arena.placements.get(id)!.offsetBytes, length);
      }
    };
    return {
      f32,
      matrix: (id) => {
        const tensor = tensorOf(id);
        const columns = Number(tensor.shape.at(-1));
        const weight = this.weights.get(tensor.name);
        const { dtype } = tensor;
        if (!isQuantized(dtype)) return weightRowsOfF32(f32(id), columns);
        const elements = elementsOf(tensor, plan.capacity);
        if (!(weight instanceof Uint8Array) || weight.length !== dtypeBytes(dtype, elements))
          throw bug(`Weight '${tensor.name}' is not loaded with ${elements} elements of ${dtype}`);
        const room = Math.max(columns, convertedElements);
        return weightRowsOfBlocks(weight, dtype, columns, named(this.#scratch, "rows of weights", room));
      },
      cache: (id, role) => {
        const { name, dtype, shape } = tensorOf(id);
        const length = elementsOf(tensorOf(id), plan.capacity);
        const width = Number(shape.at(-1));
        const make = () => (dtype === "f16" ? new Uint16Array(length) : new Float32Array(length));
        const pool = kept(this.caches, name, dtypeBytes(dtype, length), make);
        if (pool instanceof Float32Array) return rowsOfF32(pool, width);
        return rowsOfF16(pool, width, named(this.#scratch, role, length));
      },
      optionalF32: (id) => (id === undefined ? undefined : f32(id)),
      u32: (id) => {
        const view = f32(id);
        return new Uint32Array(view.buffer, view.byteOffset, view.length);
      },
    };
  }
}

/** The array of this name if it is large enough, else a new one. */
function kept<T extends { readonly byteLength: number }>(
  map: Map<string, T>,
  name: string,
  bytes: number,
  make: () => T,
): T {
  const known = map.get(name);
  if (known && known.byteLength >= bytes) return known;
  const made = allocate(`'${name}'`, bytes, make);
  map.set(name, made);
  return made;
}
