import type { NodeOf } from "../../../core/tensor/index.ts";
import { gate, rmsNormRows } from "../norm.ts";
import type { Kernel, Memory } from "../pass.ts";
import { allRows, product } from "../product.ts";
import { addResidual } from "./project.ts";

export function mlp(node: NodeOf<"mlp">, memory: Memory): Kernel {
  const { intermediate, epsilon } = node.attributes;
  const { inputs, outputs } = node;
  const x = memory.f32(inputs.x!);
  const norm = memory.f32(inputs.norm!);
  const gateUp = memory.f32(inputs.gateUp!);
  const down = memory.f32(inputs.down!);
  const y = memory.f32(outputs.y);
  const normed = memory.f32(outputs.normed);
  const halves = memory.f32(outputs.halves);
  const activation = memory.f32(outputs.activation);
  const hidden = norm.length;
  return ({ tokens }) => {
    const rows = allRows(tokens);
    rmsNormRows(x, norm, normed, tokens, hidden, epsilon);
    product(halves, 2 * intermediate, 0, normed, gateUp, 0, 2 * intermediate, hidden, rows);
    gate(halves, activation, tokens, intermediate);
    product(y, hidden, 0, activation, down, 0, hidden, intermediate, rows);
    addResidual(y, x, undefined, tokens, hidden);
  };
}
