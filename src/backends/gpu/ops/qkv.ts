import type { NodeOf } from "../../../core/tensor/index.ts";
import { float, type KernelSpec, params } from "../kernel.ts";
import { rowLanes } from "../variants.ts";
import type { OpContext, OpKernels } from "./context.ts";
import { matrixProduct } from "./matrix.ts";
import { norm } from "./norm.ts";

/** Bytes of the stacked projections of a token, which the workspace holds. */
export function projectedBytes({ heads, kvHeads, headDimension }: NodeOf<"qkv">["attributes"]): number {
  return 4 * (heads + 2 * kvHeads) * headDimension;
}

/** Norm and product; then head norms, RoPE and the writes to the K/V pool. */
export function qkv(node: NodeOf<"qkv">, context: OpContext): OpKernels {
  const { heads, kvHeads, headDimension, rotaryDimension, epsilon } = node.attributes;
  const { inputs, outputs, name } = node;
  const x = context.tensor(inputs.x);
  const normed = context.tensor(outputs.normed);
  const weight = context.vector(inputs.norm);
  const hidden = context.columns(inputs.x);
  const rows = heads + 2 * kvHeads;
  const projected = {
    buffer: context.state.workspace,
    offset: 0,
    bytes: context.plan.capacity.tokens * projectedBytes(node.attributes),
    access: "write",
  } as const;
  const rope = context.matrix(inputs.rope);
  const finish: KernelSpec = {
    name,
    forms: [
      {
        kernel: "qkv",
        variant: { cache: context.dtype(inputs.keys) },
        constants: {
          lanes: rowLanes(headDimension, context.capabilities),
          has_norm: Number(inputs.queryNorm !== undefined),
        },
      },
    ],
    params: params(heads, kvHeads, headDimension, rotaryDimension, float(epsilon), 4 * rope.stride),
    bindings: [
      inputs.queryNorm === undefined ? context.dummyBinding : context.vector(inputs.queryNorm),
      inputs.keyNorm === undefined ? context.dummyBinding : context.vector(inputs.keyNorm),
      context.vector(inputs.rope),
      projected,
      context.tensor(outputs.query),
      context.tensor(inputs.keys),
      context.tensor(inputs.values),
    ],
    workgroups: ({ tokens }) => [tokens, rows],
  };
  return [
    norm(context, { name, weight, x, y: normed, width: hidden, epsilon }),
    ...matrixProduct(context, {
      name,
      weight: context.matrix(inputs.weight),
      x: normed,
      y: projected,
      inFeatures: hidden,
      width: rows * headDimension,
      bias: inputs.bias === undefined ? undefined : context.vector(inputs.bias),
    }),
    finish,
  ];
}
