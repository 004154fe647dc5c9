import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel, Memory } from "../pass.ts";
import { allRows, product } from "../product.ts";

/** y = residual + x * weight^T + bias */
export function project(node: NodeOf<"project">, memory: Memory): Kernel {
  const x = memory.f32(node.inputs.x!);
  const weight = memory.f32(node.inputs.weight!);
  const bias = memory.optionalF32(node.inputs.bias);
  const residual = memory.f32(node.inputs.residual!);
  const y = memory.f32(node.outputs.y);
  const { outer, inner } = node.attributes;
  return ({ tokens }) => {
    product(y, outer, 0, x, weight, 0, outer, inner, allRows(tokens));
    addResidual(y, residual, bias, tokens, outer);
  };
}

/** y += residual (+ bias), row by row. */
export function addResidual(
  y: Float32Array,
  residual: Float32Array,
  bias: Float32Array | undefined,
  rows: number,
  width: number,
): void {
  for (let row = 0; row < rows; row++) {
    for (let n = 0; n < width; n++) y[row * width + n]! += residual[row * width + n]! + (bias?.[n] ?? 0);
  }
}
