import { firstPosition, type NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel, PlacedSpan } from "../../host/pass.ts";
import { rmsNorm } from "../norm.ts";
import type { Memory } from "../pass.ts";

/**
 * hidden[row] = norm(x[row's token]), request by request; a guided row is u + (scale + 1)(c - u). Position 0 has no row
 * before it: with a shift its own predicts it.
 */
export function selectRows(node: NodeOf<"selectRows">, memory: Memory): Kernel {
  const { epsilon } = node.attributes;
  const x = memory.f32(node.inputs.x!);
  const norm = memory.f32(node.inputs.norm!);
  const hidden = memory.f32(node.outputs.hidden);
  const width = norm.length;
  const unguided = new Float32Array(width);
  const select = (span: PlacedSpan, position: number, out: Float32Array, at: number) => {
    rmsNorm(x, (span.row + position - firstPosition(span)) * width, norm, out, at, width, epsilon);
  };
  return ({ spans, head }) => {
    let at = 0;
    for (const { span, positions, shift, guidance } of head) {
      for (const position of positions) {
        const row = Math.max(0, position - shift);
        select(spans[span]!, row, hidden, at);
        if (guidance) {
          select(spans[guidance.span]!, row, unguided, 0);
          for (let k = 0; k < width; k++) {
            hidden[at + k] = unguided[k]! + (guidance.scale + 1) * (hidden[at + k]! - unguided[k]!);
          }
        }
        at += width;
      }
    }
  };
}
