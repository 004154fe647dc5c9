import type { NodeOf } from "../../../core/tensor/index.ts";
import { float, params } from "../kernel.ts";
import { attentionTile, packIncludes } from "../variants.ts";
import type { OpContext, OpKernels } from "./context.ts";
import { tensorAttention } from "./tensorCores/attention.ts";

export function attention(node: NodeOf<"attention">, context: OpContext): OpKernels {
  const onTensorCores = tensorAttention(node, context);
  if (onTensorCores) return onTensorCores;
  const { heads, kvHeads, headDimension, scale } = node.attributes;
  const output = context.tensor(node.outputs.attnOutput);
  const tile = attentionTile(headDimension, context.capabilities);
  const cache = context.dtype(node.inputs.keys);
  return [
    {
      name: node.name,
      forms: [
        {
          ...(context.capabilities.software && headDimension % 4 === 0 && headDimension <= 256
            ? {
                kernel: "attentionByLane",
                variant: packIncludes(cache, context.capabilities),
                constants: { tile_q: tile.queries, width: headDimension },
              }
            : {
                kernel: "attention",
                variant: { cache },
                constants: {
                  tile_q: tile.queries,
                  tile_keys: tile.keys,
                  width: headDimension,
                  ...(output.form && { y_bf16: 1 }),
                },
              }),
        },
      ],
      params: params(heads, kvHeads, float(scale)),
      bindings: [
        context.tensor(node.inputs.query),
        context.tensor(node.inputs.keys),
        context.tensor(node.inputs.values),
        output,
      ],
      workgroups: ({ attentionTiles }) => [attentionTiles, heads],
    },
  ];
}
