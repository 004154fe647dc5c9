/** Activations that only products on tensor cores read: these are kept in bf16. */
import type { Plan, PlanNode, TensorId } from "../../../../core/tensor/index.ts";

/** @param isTiled whether a weight of the Plan is arranged for tensor cores */
export function roundedTensors(plan: Plan, isTiled: (weight: TensorId) => boolean): ReadonlySet<TensorId> {
  const rounded = plan.nodes.flatMap((node) => ownScratch(node, isTiled));
  for (const node of plan.nodes) {
    const produced = handedOn(node, isTiled);
    if (produced === undefined) continue;
    const readers = plan.nodes.filter(({ inputs }) => Object.values(inputs).includes(produced));
    if (readers.every((reader) => multiplies(reader, produced, isTiled))) rounded.push(produced);
  }
  return new Set(rounded.filter((id) => plan.tensors[id]!.storage === "arena"));
}

type IsTiled = (weight: TensorId) => boolean;

/** What a node writes and reads itself. */
function ownScratch({ op, inputs, outputs }: PlanNode, isTiled: IsTiled): readonly TensorId[] {
  if (op === "qkv") return isTiled(inputs.weight!) ? [outputs.normed!] : [];
  if (op !== "mlp" || !isTiled(inputs.gateUp!)) return [];
  return isTiled(inputs.down!) ? [outputs.normed!, outputs.activation!] : [outputs.normed!];
}

/** What a node that can write bf16 hands to another one. */
function handedOn({ op, inputs, outputs }: PlanNode, isTiled: IsTiled): TensorId | undefined {
  if (op === "attention") return outputs.attnOutput;
  if (op === "route") return outputs.normed;
  return op === "expertsUp" && isTiled(inputs.gateUp!) ? outputs.activation : undefined;
}

function multiplies({ op, inputs }: PlanNode, x: TensorId, isTiled: IsTiled): boolean {
  if (op === "project") return inputs.x === x && inputs.residual !== x && isTiled(inputs.weight!);
  if (op === "expertsUp") return inputs.normed === x && isTiled(inputs.gateUp!);
  return op === "expertsDown" && inputs.activation === x && isTiled(inputs.down!);
}
