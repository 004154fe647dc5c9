import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { tileRows } from "../passLists.ts";
import type { Workspace } from "../workspace.ts";

/** y = x * weight^T (+ bias) (+ residual) */
export function project(node: NodeOf<"project">, { lists, products, tensors }: Workspace): Kernel {
  const { inputs, outputs } = node;
  const source = { kind: "plain", x: tensors.address(inputs.x!) } as const;
  const weight = tensors.matrix(inputs.weight!);
  const { outFeatures } = node.attributes;
  const target = {
    out: tensors.address(outputs.y),
    width: outFeatures,
    bias: tensors.optional(inputs.bias),
    residual: tensors.optional(inputs.residual),
  };
  products.reserve(Math.ceil(tensors.elements(outputs.y) / outFeatures / tileRows), weight);
  return ({ tokens }) => products.run(source, weight, target, lists.all(tokens));
}
