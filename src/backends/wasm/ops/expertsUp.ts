import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import type { Workspace } from "../workspace.ts";
import { ExpertTiles, maxExpertTiles } from "./expertTiles.ts";

/** activation[token * topK + rank] = silu(gate) * up of that choice. */
export function expertsUp(node: NodeOf<"expertsUp">, workspace: Workspace): Kernel {
  const { memory, kernels, buffers, products, tensors } = workspace;
  const { experts, topK, intermediate } = node.attributes;
  const { inputs, outputs } = node;
  const source = { kind: "plain", x: tensors.address(inputs.normed!) } as const;
  const topkIds = tensors.address(inputs.topkIds!);
  const gateUp = tensors.matrix(inputs.gateUp!);
  const activation = tensors.address(outputs.activation);
  const halves = tensors.address(outputs.halves);
  const capacity = tensors.elements(inputs.topkIds!) / topK;
  const tiles = new ExpertTiles(memory, buffers, experts, topK, capacity);
  products.reserve(maxExpertTiles(experts, topK, capacity), gateUp);
  return ({ tokens }) => {
    const tiled = tiles.of(topkIds, tokens);
    products.run(source, gateUp, { out: halves, width: 2 * intermediate }, tiled.tokens, tiled.rows);
    kernels.gate({ gateUp: halves, out: activation, rows: tokens * topK, width: intermediate });
  };
}
