/** The CPU backend's memory: weights and K/V pool by name, one arena, and a Plan's view of them. */
import { allocate } from "../../core/allocate.ts";
import { bug } from "../../core/error.ts";
import { type ArenaPlan, elementsOf, type Plan, planArena, type TensorId } from "../../core/tensor/index.ts";
import type { Memory } from "./pass.ts";

export class CpuMemory {
  readonly weights = new Map<string, Float32Array>();
  readonly caches = new Map<string, Float32Array>();
  readonly #boundaries = new Map<string, Float32Array>();
  #arena = new ArrayBuffer(0);

  /** Allocates what the Plans need; weights must be there already. */
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
    return tensor.slice();
  }

  dispose(): void {
    this.weights.clear();
    this.caches.clear();
    this.#boundaries.clear();
    this.#arena = new ArrayBuffer(0);
  }

  #view(plan: Plan, arena: ArenaPlan): Memory {
    const named = (map: Map<string, Float32Array>, name: string, length: number): Float32Array => {
      const known = map.get(name);
      if (known && known.length >= length) return known;
      const made = allocate(`'${name}'`, 4 * length, () => new Float32Array(length));
      map.set(name, made);
      return made;
    };
    const f32 = (id: TensorId): Float32Array => {
      const tensor = plan.tensors[id];
      if (!tensor) throw bug(`Plan '${plan.name}' has no tensor ${id}`);
      const length = elementsOf(tensor, plan.capacity);
      switch (tensor.storage) {
        case "weight": {
          const weight = this.weights.get(tensor.name);
          if (weight?.length !== length)
            throw bug(`Weight '${tensor.name}' is not loaded with ${length} elements`);
          return weight;
        }
        case "cache":
          return named(this.caches, tensor.name, length);
        case "boundary":
          return named(this.#boundaries, tensor.name, length);
        case "arena":
          return new Float32Array(this.#arena, arena.placements.get(id)!.offsetBytes, length);
      }
    };
    return {
      f32,
      optionalF32: (id) => (id === undefined ? undefined : f32(id)),
      u32: (id) => {
        const view = f32(id);
        return new Uint32Array(view.buffer, view.byteOffset, view.length);
      },
    };
  }
}
