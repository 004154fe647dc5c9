/** Tensors that a node reads and that were written in another memory: they are copied before the node runs. */
import { dtypeBytes, elementsOf, type Plan, type PlanNode, type TensorId } from "../../core/tensor/index.ts";
import type { HostPass } from "../host/pass.ts";

/** A copy from memory to memory. */
export interface Transfer {
  readonly id: TensorId;
  /** Numbers of the memories. */
  readonly from: number;
  readonly to: number;
}

/** Follows which memories have a tensor, over the nodes in their order. */
export class Transfers {
  /** Scratch tensors by Plan and number, tensors between Plans by name. The first memory is where it was written. */
  readonly #holders = new Map<string, number[]>();

  /** What must be copied before a node runs in a memory. */
  before(plan: Plan, node: PlanNode, to: number): readonly Transfer[] {
    const transfers: Transfer[] = [];
    for (const id of new Set(Object.values(node.inputs))) {
      const holders = this.#holders.get(keyOf(plan, id));
      if (!holders || holders.includes(to)) continue;
      transfers.push({ id, from: holders[0]!, to });
      holders.push(to);
    }
    for (const id of Object.values(node.outputs)) this.#holders.set(keyOf(plan, id), [to]);
    return transfers;
  }
}

function keyOf(plan: Plan, id: TensorId): string {
  const { name, storage } = plan.tensors[id]!;
  return storage === "arena" ? `${plan.name} ${id}` : name;
}

/** Bytes of a tensor that a pass has written. */
export function writtenBytes(plan: Plan, id: TensorId, { tokens, rows }: HostPass): number {
  const tensor = plan.tensors[id]!;
  return dtypeBytes(tensor.dtype, elementsOf(tensor, { ...plan.capacity, tokens, rows }));
}
