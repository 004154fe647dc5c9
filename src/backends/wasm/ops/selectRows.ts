import { firstPosition, type NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import type { Workspace } from "../workspace.ts";

/** Bytes of a wanted row in the kernel's list (assembly/selectRows.ts). */
const wantedBytes = 12;

/** The final norm of the wanted rows. Position 0 has no row before it: with a shift its own predicts it. */
export function selectRows(node: NodeOf<"selectRows">, workspace: Workspace): Kernel {
  const { memory, kernels, buffers, tensors } = workspace;
  const x = tensors.address(node.inputs.x!);
  const norm = tensors.address(node.inputs.norm!);
  const out = tensors.address(node.outputs.hidden);
  const width = tensors.width(node.outputs.hidden);
  const { epsilon } = node.attributes;
  const list = buffers.reserve("wanted rows", (wantedBytes * tensors.elements(node.outputs.hidden)) / width);
  return ({ spans, head, rows }) => {
    const view = new DataView(memory.memory.buffer, list.address, wantedBytes * rows);
    let at = 0;
    for (const { span, positions, shift, guidance } of head) {
      for (const position of positions) {
        const row = (index: number) =>
          spans[index]!.row + Math.max(0, position - shift) - firstPosition(spans[index]!);
        view.setInt32(at, row(span), true);
        view.setInt32(at + 4, guidance ? row(guidance.span) : -1, true);
        view.setFloat32(at + 8, guidance?.scale ?? 0, true);
        at += wantedBytes;
      }
    }
    kernels.selectRows({ x, norm, width, epsilon, rows: list.address, count: rows, out });
  };
}
