import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import type { Memory } from "../pass.ts";
import { allRows, product } from "../product.ts";

/** y = x * weight^T (+ bias) (+ residual) */
export function project(node: NodeOf<"project">, memory: Memory): Kernel {
  const x = memory.f32(node.inputs.x!);
  const weight = memory.matrix(node.inputs.weight!);
  const bias = memory.optionalF32(node.inputs.bias);
  const residual = memory.optionalF32(node.inputs.residual);
  const y = memory.f32(node.outputs.y);
  const { outFeatures } = node.attributes;
  return ({ tokens }) => {
    product(y, outFeatures, x, weight, 0, outFeatures, allRows(tokens));
    addToRows(y, residual, bias, tokens, outFeatures);
  };
}

/** Adds a residual, row by row, and a bias to every row; either may be absent. */
export function addToRows(
  y: Float32Array,
  residual: Float32Array | undefined,
  bias: Float32Array | undefined,
  rows: number,
  width: number,
): void {
  if (!residual && !bias) return;
  for (let row = 0; row < rows; row++) {
    for (let n = 0; n < width; n++) {
      y[row * width + n]! += (residual?.[row * width + n] ?? 0) + (bias?.[n] ?? 0);
    }
  }
}
