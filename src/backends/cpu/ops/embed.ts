import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel, Memory } from "../pass.ts";

/** x[row] = E[token], or the position's soft embedding. */
export function embed(node: NodeOf<"embed">, memory: Memory): Kernel {
  const { hidden } = node.attributes;
  const weight = memory.f32(node.inputs.weight!);
  const x = memory.f32(node.outputs.x);
  return ({ spans }) => {
    for (const { start, end, row, memory: slot } of spans) {
      for (let position = start; position < end; position++) {
        const soft = slot.soft.get(position);
        const at = (row + position - start) * hidden;
        if (soft) x.set(soft, at);
        else {
          const from = slot.tokens[position]! * hidden;
          x.set(weight.subarray(from, from + hidden), at);
        }
      }
    }
  };
}
