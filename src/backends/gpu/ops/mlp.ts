import type { NodeOf } from "../../../core/tensor/index.ts";
import type { OpContext, OpKernels } from "./context.ts";
import { matrixProduct } from "./matrix.ts";
import { norm } from "./norm.ts";

export function mlp(node: NodeOf<"mlp">, context: OpContext): OpKernels {
  const { inputs, outputs, name } = node;
  const { intermediate, epsilon } = node.attributes;
  const x = context.tensor(inputs.x);
  const normed = context.tensor(outputs.normed);
  const activation = context.tensor(outputs.activation);
  const weight = context.vector(inputs.norm);
  const hidden = context.columns(inputs.x);
  return [
    norm(context, { name, weight, x, y: normed, width: hidden, epsilon }),
    ...matrixProduct(context, {
      name,
      weight: context.matrix(inputs.gateUp),
      x: normed,
      y: activation,
      inFeatures: hidden,
      width: intermediate,
      gated: true,
    }),
    ...matrixProduct(context, {
      name,
      weight: context.matrix(inputs.down),
      x: activation,
      y: context.tensor(outputs.y),
      inFeatures: intermediate,
      width: hidden,
      residual: inputs.residual === undefined ? undefined : context.tensor(inputs.residual),
    }),
  ];
}
