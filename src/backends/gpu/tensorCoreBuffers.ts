/** Buffers that products on tensor cores share. */
import type { Plan, TensorId } from "../../core/tensor/index.ts";
import type { DeviceMemory } from "./memory/memory.ts";
import type { DeviceWeights } from "./memory/weights.ts";
import type { TensorCoreBuffers } from "./ops/context.ts";
import { blockRows, panelRows, panelsOf, shareBytes, splitsOf, stagesOf } from "./ops/tensorCores/shapes.ts";
import { productWeights } from "./tileWeights.ts";

export async function makeBuffers(
  memory: DeviceMemory,
  weights: DeviceWeights,
  plans: readonly Plan[],
): Promise<TensorCoreBuffers> {
  let sums = 0;
  let counters = 0;
  let hidden = 0;
  for (const plan of plans) {
    for (const node of plan.nodes) {
      if (node.op === "attention") {
        const shares = shareBytes(node);
        sums = Math.max(sums, shares.sums);
        counters = Math.max(counters, shares.counters);
      }
      if (node.op === "headStatistics")
        hidden = 2 * plan.capacity.rows * Number(plan.tensors[node.inputs.hidden!]!.shape.at(-1));
    }
    for (const { id, form, experts } of plan.nodes.flatMap(productWeights)) {
      if (experts || weights.get(symbolOf(plan, id)).shards[0]!.form !== form) continue;
      const [rows, columns] = plan.tensors[id]!.shape as readonly number[];
      const paired = form === "pairs";
      const own = panelsOf(paired ? rows! / 2 : rows!, paired);
      const splits = splitsOf(own, stagesOf(columns!));
      if (splits > 1) sums = Math.max(sums, 4 * panelRows * blockRows * own * splits);
      counters = Math.max(counters, 4 * own);
    }
  }
  return {
    splitSums: await memory.buffer("sums of splits", sums),
    hidden: await memory.buffer("hidden states in bf16", hidden),
    arrivals: await memory.buffer("arrivals", counters),
  };
}

export const symbolOf = (plan: Plan, id: TensorId): string => plan.tensors[id]!.name;
