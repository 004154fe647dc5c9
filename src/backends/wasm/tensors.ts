/** Where the tensors of a Plan lie: scratch in the arena, what persists by its name. */
import { bug } from "../../core/error.ts";
import {
  type ArenaPlan,
  type DType,
  dtypeBytes,
  elementsOf,
  f16ToF32,
  type Plan,
  planArena,
  type TensorId,
  type TensorSpec,
} from "../../core/tensor/index.ts";
import type { LinearMemory } from "./linearMemory.ts";
import type { PackedWeight, PackedWeights } from "./weights.ts";

/** A tensor that persists between passes. */
export interface KeptTensor {
  readonly address: number;
  readonly dtype: DType;
  readonly elements: number;
  /** Elements of a row. */
  readonly width: number;
}

export class Tensors {
  readonly memory: LinearMemory;
  readonly #weights: PackedWeights;
  readonly #plan: Plan;
  readonly #kept: Map<string, KeptTensor>;
  readonly #arena: ArenaPlan;
  readonly #arenaAddress: number;

  /** @param kept caches and boundary tensors by name; all Plans of a model share them */
  constructor(
    plan: Plan,
    weights: PackedWeights,
    memory: LinearMemory,
    kept: Map<string, KeptTensor>,
    arenaAddress: number,
  ) {
    this.memory = memory;
    this.#weights = weights;
    this.#plan = plan;
    this.#kept = kept;
    this.#arena = planArena(plan);
    this.#arenaAddress = arenaAddress;
  }

  /** The address of a tensor that is no matrix of weights and no part of the K/V pool. */
  address(id: TensorId): number {
    const tensor = this.#tensor(id);
    if (tensor.storage === "weight") return this.#weights.vector(tensor.name);
    if (tensor.storage === "arena") return this.#arenaAddress + this.#arena.placements.get(id)!.offsetBytes;
    return this.kept(id).address;
  }

  /** The address, or 0 without a tensor. */
  optional(id: TensorId | undefined): number {
    return id === undefined ? 0 : this.address(id);
  }

  matrix(id: TensorId): PackedWeight {
    return this.#weights.matrix(this.#tensor(id).name);
  }

  /** Elements of a tensor's last dimension. */
  width(id: TensorId): number {
    return Number(this.#tensor(id).shape.at(-1));
  }

  elements(id: TensorId): number {
    return elementsOf(this.#tensor(id), this.#plan.capacity);
  }

  /** A cache or boundary tensor. */
  kept(id: TensorId): KeptTensor {
    const { name, dtype, shape } = this.#tensor(id);
    const elements = this.elements(id);
    const known = this.#kept.get(name);
    if (known && known.elements >= elements) return known;
    const address = this.memory.placeZeros(`'${name}'`, dtypeBytes(dtype, elements));
    const made = { address, dtype, elements, width: Number(shape.at(-1)) };
    this.#kept.set(name, made);
    return made;
  }

  #tensor(id: TensorId): TensorSpec {
    const tensor = this.#plan.tensors[id];
    if (!tensor) throw bug(`Plan '${this.#plan.name}' has no tensor ${id}`);
    return tensor;
  }
}

/** A copy in f32. */
export function valuesOf({ address, dtype, elements }: KeptTensor, memory: LinearMemory): Float32Array {
  if (dtype !== "f16") return memory.f32(address, elements).slice();
  return Float32Array.from(new Uint16Array(memory.memory.buffer, address, elements), f16ToF32);
}
