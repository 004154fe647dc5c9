import type { NodeOf } from "../../../core/tensor/index.ts";
import { float, params, whole } from "../kernel.ts";
import { reduceInclude, rowLanes } from "../variants.ts";
import type { OpContext, OpKernels } from "./context.ts";

export function couplings(node: NodeOf<"couplings">, context: OpContext): OpKernels {
  const { heads, kvHeads, headDimension, scale, layer, layers } = node.attributes;
  const { capabilities, state } = context;
  return [
    {
      name: node.name,
      forms: [
        {
          kernel: "couplings",
          variant: { reduce: reduceInclude(capabilities) },
          constants: {
            lanes: rowLanes(headDimension, capabilities),
            width: headDimension,
            is_half: Number(context.dtype(node.inputs.keys) === "f16"),
          },
        },
      ],
      params: params(heads, kvHeads, float(scale), layer, layers),
      bindings: [
        whole(state.rows, "read"),
        context.tensor(node.inputs.query),
        context.tensor(node.inputs.keys),
        whole(state.couplings, "write"),
      ],
      workgroups: (counts) => [counts.couplings > 0 ? counts.rows : 0],
      lazy: true,
    },
  ];
}
