import type { NodeOf } from "../../../core/tensor/index.ts";
import { float, params } from "../kernel.ts";
import { attentionTile, packIncludes } from "../variants.ts";
import type { OpContext, OpKernels } from "./context.ts";

export function attention(node: NodeOf<"attention">, context: OpContext): OpKernels {
  const { heads, keyHeads, headDimension, scale } = node.attributes;
  const tile = attentionTile(headDimension, context.capabilities);
  const cache = context.dtype(node.inputs.keys);
  return [
    {
      name: node.name,
      forms: [
        {
          ...(context.capabilities.software && headDimension % 4 === 0 && headDimension <= 256
            ? {
                shader: "attentionByLane",
                variant: packIncludes(cache, context.capabilities),
                constants: { tile_q: tile.queries, width: headDimension },
              }
            : {
                shader: "attention",
                variant: { cache },
                constants: { tile_q: tile.queries, tile_keys: tile.keys, width: headDimension },
              }),
        },
      ],
      params: params(heads, keyHeads, float(scale)),
      bindings: [
        context.tensor(node.inputs.query),
        context.tensor(node.inputs.keys),
        context.tensor(node.inputs.values),
        context.tensor(node.outputs.mixed),
      ],
      workgroups: ({ attentionTiles }) => [attentionTiles, heads],
    },
  ];
}
