import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import type { Workspace } from "../workspace.ts";

/** x[row] = E[token], or the position's soft embedding. */
export function embed(node: NodeOf<"embed">, { memory, kernels, lists, tensors }: Workspace): Kernel {
  const { hidden } = node.attributes;
  const weight = tensors.matrix(node.inputs.weight!);
  const out = tensors.address(node.outputs.x);
  return (pass) => {
    lists.place(pass);
    kernels.embed({
      dtype: weight.number,
      weight: weight.address,
      columns: hidden,
      rows: lists.tokens,
      count: pass.tokens,
      out,
    });
    for (const { start, end, row, memory: slot } of pass.spans) {
      for (let position = start; position < end; position++) {
        const soft = slot.soft.get(position);
        if (soft) memory.f32(out + 4 * hidden * (row + position - start), hidden).set(soft);
      }
    }
  };
}
