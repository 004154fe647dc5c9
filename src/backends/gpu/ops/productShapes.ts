import type { Plan, PlanNode } from "../../../core/tensor/index.ts";
import type { WeightShape } from "../products.ts";

/** The shapes of a node's weights that all tokens' rows are multiplied with. */
export function productShapes(plan: Plan, node: PlanNode): readonly WeightShape[] {
  return weightsOf(node).map((id) => {
    const [outFeatures, inFeatures] = plan.tensors[id!]!.shape;
    return { inFeatures: Number(inFeatures), outFeatures: Number(outFeatures) };
  });
}

function weightsOf({ op, inputs }: PlanNode) {
  if (op === "mlp") return [inputs.gateUp, inputs.down];
  return op === "qkv" || op === "project" ? [inputs.weight] : [];
}
