/** The memory that placing scratch tensors in one arena saves. */
import type { EnginePlan } from "../engine/index.ts";
import { dtypeBytes, elementsOf, lifetimes } from "../tensor/index.ts";

export interface ArenaUse {
  /** Bytes of the arena that all scratch tensors share. */
  readonly bytes: number;
  /** Bytes of all scratch tensors if each had memory of its own. */
  readonly sumBytes: number;
}

export function arenaUse({ plans, arenaBytes }: Pick<EnginePlan, "plans" | "arenaBytes">): ArenaUse {
  const sums = [plans.body, plans.head].map((plan) =>
    [...lifetimes(plan).keys()].reduce((sum, id) => {
      const tensor = plan.tensors[id]!;
      return sum + dtypeBytes(tensor.dtype, elementsOf(tensor, plan.capacity));
    }, 0),
  );
  return { bytes: arenaBytes, sumBytes: sums.reduce((sum, bytes) => sum + bytes, 0) };
}
