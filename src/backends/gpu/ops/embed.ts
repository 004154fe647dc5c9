import type { NodeOf } from "../../../core/tensor/index.ts";
import { params, whole } from "../kernel.ts";
import { weightIncludes } from "../variants.ts";
import type { OpContext, OpKernels } from "./context.ts";

export function embed(node: NodeOf<"embed">, context: OpContext): OpKernels {
  const { dtype, stride, shards } = context.matrix(node.inputs.weight);
  const { tokens, soft, flags } = context.state;
  return shards.map((shard) => ({
    name: node.name,
    forms: [{ kernel: "embed", variant: weightIncludes(dtype, context.capabilities) }],
    params: params(node.attributes.hidden, stride, shard.first, shard.last),
    bindings: [
      shard,
      whole(tokens, "read"),
      whole(soft, "read"),
      whole(flags, "read"),
      context.tensor(node.outputs.x),
    ],
    workgroups: (counts) => [counts.tokens],
  }));
}
