import type { NodeOf } from "../../../core/tensor/index.ts";
import { Grouping } from "../../host/grouping.ts";
import type { Kernel } from "../../host/pass.ts";
import { gate } from "../norm.ts";
import type { Memory } from "../pass.ts";
import { product } from "../product.ts";

/** activation[token * topK + rank] = silu(gate) * up of that choice. */
export function expertsUp(node: NodeOf<"expertsUp">, memory: Memory): Kernel {
  const { experts, topK, intermediate } = node.attributes;
  const normed = memory.f32(node.inputs.normed!);
  const topkIds = memory.u32(node.inputs.topkIds!);
  const gateUp = memory.matrix(node.inputs.gateUp!);
  const activation = memory.f32(node.outputs.activation);
  const halves = memory.f32(node.outputs.halves);
  const width = 2 * intermediate;
  const grouping = new Grouping(experts, topK, topkIds.length / topK);
  return ({ tokens }) => {
    grouping.each(topkIds, tokens, (expert, first, count) => {
      const rows = { from: grouping.tokens, to: grouping.rows, first, count };
      product(halves, width, normed, gateUp, expert * width, width, rows);
    });
    gate(halves, activation, tokens * topK, intermediate);
  };
}
