import type { NodeOf } from "../../../core/tensor/index.ts";
import type { OpContext, OpKernels } from "./context.ts";
import { matrixProduct } from "./matrix.ts";

export function project(node: NodeOf<"project">, context: OpContext): OpKernels {
  const { inputs, outputs, attributes, name } = node;
  return matrixProduct(context, {
    name,
    weight: context.matrix(inputs.weight),
    x: context.tensor(inputs.x),
    y: context.tensor(outputs.y),
    inFeatures: attributes.inFeatures,
    width: attributes.outFeatures,
    bias: inputs.bias === undefined ? undefined : context.vector(inputs.bias),
    residual: inputs.residual === undefined ? undefined : context.tensor(inputs.residual),
  });
}
