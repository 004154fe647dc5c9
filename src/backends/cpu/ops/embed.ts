import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import type { Memory } from "../pass.ts";

/** x[row] = E[token], or the position's soft embedding. */
export function embed(node: NodeOf<"embed">, memory: Memory): Kernel {
  const { hidden } = node.attributes;
  const weight = memory.matrix(node.inputs.weight!);
  const x = memory.f32(node.outputs.x);
  return ({ spans }) => {
    for (const { start, end, row, memory: slot } of spans) {
      for (let position = start; position < end; position++) {
        const soft = slot.soft.get(position);
        const at = (row + position - start) * hidden;
        if (soft) x.set(soft, at);
        else {
          const token = slot.tokens[position]!;
          const { data, at: from } = weight.read(token, token + 1);
          x.set(data.subarray(from, from + hidden), at);
        }
      }
    }
  };
}
