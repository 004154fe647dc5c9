import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import type { Workspace } from "../workspace.ts";
import { ExpertTiles, maxExpertTiles } from "./expertTiles.ts";

/** y[token] = the sum over ranks, best expert first, of weight * down(activation) (+ residual). */
export function expertsDown(node: NodeOf<"expertsDown">, workspace: Workspace): Kernel {
  const { memory, kernels, buffers, products, tensors } = workspace;
  const { experts, topK } = node.attributes;
  const { inputs, outputs } = node;
  const source = { kind: "plain", x: tensors.address(inputs.activation!) } as const;
  const topkIds = tensors.address(inputs.topkIds!);
  const weights = tensors.address(inputs.topkWeights!);
  const down = tensors.matrix(inputs.down!);
  const residual = tensors.optional(inputs.residual);
  const out = tensors.address(outputs.y);
  const parts = tensors.address(outputs.parts);
  const width = down.rows;
  const capacity = tensors.elements(inputs.topkIds!) / topK;
  const tiles = new ExpertTiles(memory, buffers, experts, topK, capacity);
  products.reserve(maxExpertTiles(experts, topK, capacity), down);
  return ({ tokens }) => {
    const { rows } = tiles.of(topkIds, tokens);
    products.run(source, down, { out: parts, width }, rows);
    kernels.combine({ parts, weights, residual, out, tokens, ranks: topK, width });
  };
}
