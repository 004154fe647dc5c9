/** Rows of activations in int8, which the products of a weight in int8 or in four bits are computed from. */
import type { Plan, PlanNode, TensorId } from "../../../core/tensor/index.ts";
import type { Capabilities } from "../capabilities.ts";
import { type Binding, type KernelSpec, params, whole } from "../kernel.ts";
import { computesInInt8 } from "../variants.ts";
import type { OpContext } from "./context.ts";

/** Elements of a block, and bytes of it: one for each element, and the scale. */
const block = { elements: 32, bytes: 36 };

/** @param times rows of x for each token */
export function quantizeRows(
  { state }: OpContext,
  { name, x, columns, times = 1 }: { name: string; x: Binding; columns: number; times?: number },
): { readonly spec: KernelSpec; readonly rows: Binding } {
  const rows = whole(state.quantized, "write");
  const spec: KernelSpec = {
    name,
    forms: [{ kernel: "quantizeRows" }],
    params: params(columns, times),
    bindings: [x, rows],
    workgroups: ({ tokens }) => [tokens * times, Math.ceil(columns / block.elements / 64)],
  };
  return { spec, rows };
}

/** Bytes of the largest activations of a node that are quantized, for each token. */
export function quantizedRowBytes(plan: Plan, node: PlanNode, capabilities: Int8): number {
  const bytes = inputsOf(node).map(({ weight, times = 1 }) => {
    const { dtype, shape } = plan.tensors[weight!]!;
    if (!computesInInt8(dtype, capabilities)) return 0;
    return (times * Number(shape.at(-1)) * block.bytes) / block.elements;
  });
  return Math.max(0, ...bytes);
}

type Int8 = Pick<Capabilities, "int8Activations">;

/** The weights that a node's activations are multiplied with, and rows of the activations for each token. */
function inputsOf(node: PlanNode): readonly { weight: TensorId | undefined; times?: number }[] {
  if (node.op === "mlp") return [{ weight: node.inputs.gateUp }, { weight: node.inputs.down }];
  if (node.op === "qkv" || node.op === "project") return [{ weight: node.inputs.weight }];
  if (node.op === "expertsUp") return [{ weight: node.inputs.gateUp }];
  if (node.op === "expertsDown") return [{ weight: node.inputs.down, times: node.attributes.topK }];
  return [];
}
