import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { gate, rmsNormRows } from "../norm.ts";
import type { Memory } from "../pass.ts";
import { allRows, product } from "../product.ts";
import { addToRows } from "./project.ts";

export function mlp(node: NodeOf<"mlp">, memory: Memory): Kernel {
  const { intermediate, epsilon } = node.attributes;
  const { inputs, outputs } = node;
  const x = memory.f32(inputs.x!);
  const norm = memory.f32(inputs.norm!);
  const gateUp = memory.matrix(inputs.gateUp!);
  const down = memory.matrix(inputs.down!);
  const residual = memory.optionalF32(inputs.residual);
  const y = memory.f32(outputs.y);
  const normed = memory.f32(outputs.normed);
  const halves = memory.f32(outputs.halves);
  const activation = memory.f32(outputs.activation);
  const hidden = norm.length;
  return ({ tokens }) => {
    const rows = allRows(tokens);
    rmsNormRows(x, norm, normed, tokens, hidden, epsilon);
    product(halves, 2 * intermediate, normed, gateUp, 0, 2 * intermediate, rows);
    gate(halves, activation, tokens, intermediate);
    product(y, hidden, activation, down, 0, hidden, rows);
    addToRows(y, residual, undefined, tokens, hidden);
  };
}
