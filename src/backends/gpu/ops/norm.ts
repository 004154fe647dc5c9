import { type Binding, float, type KernelSpec, params } from "../kernel.ts";
import { columnsInclude, reduceInclude, rowLanes } from "../variants.ts";
import type { OpContext } from "./context.ts";

/** RMS norm of every token's row. */
export function norm(
  context: OpContext,
  parts: { name: string; weight: Binding; x: Binding; y: Binding; width: number; epsilon: number },
): KernelSpec {
  const { name, weight, x, y, width, epsilon } = parts;
  return {
    name,
    forms: [
      {
        kernel: "norm",
        variant: { reduce: reduceInclude(context.capabilities), columns: columnsInclude(width) },
        constants: { lanes: rowLanes(width, context.capabilities), ...(y.form && { y_bf16: 1 }) },
      },
    ],
    params: params(width, float(epsilon)),
    bindings: [weight, x, y],
    workgroups: ({ tokens }) => [tokens],
  };
}
