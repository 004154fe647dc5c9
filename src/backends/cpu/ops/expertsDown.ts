import type { NodeOf } from "../../../core/tensor/index.ts";
import { Grouping } from "../grouping.ts";
import type { Kernel, Memory } from "../pass.ts";
import { product } from "../product.ts";

/** y[token] = residual + the sum over ranks, best expert first, of weight * down(activation). */
export function expertsDown(node: NodeOf<"expertsDown">, memory: Memory): Kernel {
  const { experts, topK, intermediate } = node.attributes;
  const { inputs, outputs } = node;
  const activation = memory.f32(inputs.activation!);
  const chosen = memory.u32(inputs.chosen!);
  const weights = memory.f32(inputs.weights!);
  const down = memory.f32(inputs.down!);
  const residual = memory.f32(inputs.residual!);
  const y = memory.f32(outputs.y);
  const parts = memory.f32(outputs.parts);
  const hidden = down.length / (experts * intermediate);
  const grouping = new Grouping(experts, topK, chosen.length / topK);
  return ({ tokens }) => {
    grouping.each(chosen, tokens, (expert, first, count) => {
      const rows = { from: grouping.rows, to: grouping.rows, first, count };
      product(parts, hidden, 0, activation, down, expert * hidden * intermediate, hidden, intermediate, rows);
    });
    for (let token = 0; token < tokens; token++) {
      for (let n = 0; n < hidden; n++) {
        let sum = 0;
        for (let rank = 0; rank < topK; rank++) {
          const row = token * topK + rank;
          sum += weights[row]! * parts[row * hidden + n]!;
        }
        y[token * hidden + n] = residual[token * hidden + n]! + sum;
      }
    }
  };
}
