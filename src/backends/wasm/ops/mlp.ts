import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { tileRows } from "../passLists.ts";
import type { Workspace } from "../workspace.ts";

/** y = down(silu(gate(normed)) * up(normed)) (+ residual); norm and gate are a part of packing. */
export function mlp(node: NodeOf<"mlp">, { lists, products, tensors }: Workspace): Kernel {
  const { inputs, outputs } = node;
  const { epsilon, intermediate } = node.attributes;
  const normed = {
    kind: "normed",
    x: tensors.address(inputs.x!),
    norm: tensors.address(inputs.norm!),
    epsilon,
  } as const;
  const gateUp = tensors.matrix(inputs.gateUp!);
  const down = tensors.matrix(inputs.down!);
  const halves = tensors.address(outputs.halves);
  const target = {
    out: tensors.address(outputs.y),
    width: down.rows,
    residual: tensors.optional(inputs.residual),
  };
  const tiles = Math.ceil(tensors.elements(outputs.y) / down.rows / tileRows);
  products.reserve(tiles, gateUp);
  products.reserve(tiles, down);
  return ({ tokens }) => {
    const rows = lists.all(tokens);
    products.run(normed, gateUp, { out: halves, width: 2 * intermediate }, rows);
    products.run({ kind: "gated", x: halves }, down, target, rows);
  };
}
