import type { NodeOf } from "../../../core/tensor/index.ts";
import { Grouping } from "../../host/grouping.ts";
import type { Kernel } from "../../host/pass.ts";
import type { Memory } from "../pass.ts";
import { product } from "../product.ts";

/** y[token] = the sum over ranks, best expert first, of weight * down(activation) (+ residual). */
export function expertsDown(node: NodeOf<"expertsDown">, memory: Memory): Kernel {
  const { experts, topK } = node.attributes;
  const { inputs, outputs } = node;
  const activation = memory.f32(inputs.activation!);
  const topkIds = memory.u32(inputs.topkIds!);
  const topkWeights = memory.f32(inputs.topkWeights!);
  const down = memory.matrix(inputs.down!);
  const residual = memory.optionalF32(inputs.residual);
  const y = memory.f32(outputs.y);
  const parts = memory.f32(outputs.parts);
  const hidden = parts.length / topkIds.length;
  const grouping = new Grouping(experts, topK, topkIds.length / topK);
  return ({ tokens }) => {
    grouping.each(topkIds, tokens, (expert, first, count) => {
      const rows = { from: grouping.rows, to: grouping.rows, first, count };
      product(parts, hidden, activation, down, expert * hidden, hidden, rows);
    });
    for (let token = 0; token < tokens; token++) {
      for (let n = 0; n < hidden; n++) {
        let sum = 0;
        for (let rank = 0; rank < topK; rank++) {
          const row = token * topK + rank;
          sum += topkWeights[row]! * parts[row * hidden + n]!;
        }
        y[token * hidden + n] = (residual?.[token * hidden + n] ?? 0) + sum;
      }
    }
  };
}
