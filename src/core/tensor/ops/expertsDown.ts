import type { ExpertsAttributes } from "./expertsUp.ts";
import { op } from "./op.ts";
import { touchedExperts } from "./route.ts";

export const expertsDown = op<ExpertsAttributes>()({
  name: "expertsDown",
  help: "Down projection of each token's experts, weighted sum of the experts (best first), residual if any.",
  /** activation [tokens * topK, intermediate], topkIds (u32) and topkWeights [tokens * topK], down [experts, hidden, intermediate], residual [tokens, hidden]. */
  inputs: ["activation", "topkIds", "topkWeights", "down", "residual"],
  optional: ["residual"],
  /** y [tokens, hidden]; parts [tokens * topK, hidden] is scratch. */
  outputs: ["y", "parts"],
  cost: ({ inputs, outputs, attributes: a }, view) => {
    const touched = touchedExperts(a.experts, a.topK, view.counts.tokens) / a.experts;
    return {
      bytes:
        view.bytes(inputs.activation, inputs.topkWeights, inputs.residual, outputs.y) +
        touched * view.bytes(inputs.down),
      flops: (2 * view.counts.tokens * a.topK * view.elements(inputs.down)) / a.experts,
      launches: 2,
    };
  },
});
