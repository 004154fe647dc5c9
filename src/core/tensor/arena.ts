/**
 * Plans scratch memory: the lifetime of each scratch tensor, and its place in an arena that all of them share. Tensors whose
 * lifetimes overlap do not overlap in memory. The plan is made once, so a pass allocates nothing.
 */
import { dtypeBytes } from "./dtype.ts";
import type { Plan } from "./plan.ts";
import { elementsOf, type TensorId } from "./tensorSpec.ts";

/** The indices of the first and the last node that touch a tensor. */
export interface Lifetime {
  readonly first: number;
  readonly last: number;
}
export interface ArenaPlacement extends Lifetime {
  readonly id: TensorId;
  /** Distance from the start of the arena. */
  readonly offsetBytes: number;
  readonly bytes: number;
}
export interface ArenaPlan {
  readonly bytes: number;
  readonly placements: ReadonlyMap<TensorId, ArenaPlacement>;
}

/** Alignment of offsets: the largest that WebGPU may require of dynamic storage offsets. SIMD loads need less. */
const alignmentBytes = 256;

/** The lifetimes of a Plan's arena tensors. */
export function lifetimes(plan: Plan): ReadonlyMap<TensorId, Lifetime> {
  const result = new Map<TensorId, Lifetime>();
  plan.nodes.forEach((node, index) => {
    for (const id of [...Object.values(node.inputs), ...Object.values(node.outputs)]) {
      if (id === undefined || plan.tensors[id]?.storage !== "arena") continue;
      result.set(id, { first: result.get(id)?.first ?? index, last: index });
    }
  });
  return result;
}

/** Places tensors in descending order of size, each at the lowest offset that is free during its lifetime. */
export function planArena(plan: Plan): ArenaPlan {
  const sized = [...lifetimes(plan)].map(([id, life]) => {
    const tensor = plan.tensors[id]!;
    const bytes = dtypeBytes(tensor.dtype, elementsOf(tensor, plan.capacity));
    return { id, ...life, bytes: Math.ceil(bytes / alignmentBytes) * alignmentBytes };
  });
  sized.sort((a, b) => b.bytes - a.bytes || a.id - b.id);
  const placed: ArenaPlacement[] = [];
  for (const tensor of sized) {
    const neighbours = placed
      .filter((other) => other.first <= tensor.last && tensor.first <= other.last)
      .sort((a, b) => a.offsetBytes - b.offsetBytes);
    let offsetBytes = 0;
    for (const other of neighbours) {
      if (offsetBytes + tensor.bytes <= other.offsetBytes) break;
      offsetBytes = Math.max(offsetBytes, other.offsetBytes + other.bytes);
    }
    placed.push({ ...tensor, offsetBytes });
  }
  const bytes = placed.reduce((end, p) => Math.max(end, p.offsetBytes + p.bytes), 0);
  return { bytes, placements: new Map(placed.map((p) => [p.id, p])) };
}
