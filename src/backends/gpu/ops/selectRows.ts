import type { NodeOf } from "../../../core/tensor/index.ts";
import { float, params, whole } from "../kernel.ts";
import { reduceInclude, rowLanes } from "../variants.ts";
import type { OpContext, OpKernels } from "./context.ts";

export function selectRows(node: NodeOf<"selectRows">, context: OpContext): OpKernels {
  const norm = context.vector(node.inputs.norm);
  const width = context.columns(node.inputs.x);
  return [
    {
      name: node.name,
      forms: [
        {
          kernel: "selectRows",
          variant: { reduce: reduceInclude(context.capabilities) },
          constants: { lanes: rowLanes(width, context.capabilities) },
        },
      ],
      params: params(width, float(node.attributes.epsilon)),
      bindings: [
        norm,
        whole(context.state.rows, "read"),
        context.tensor(node.inputs.x),
        context.tensor(node.outputs.hidden),
      ],
      workgroups: ({ rows }) => [rows],
    },
  ];
}
