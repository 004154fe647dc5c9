import { op } from "./op.ts";
import { touchedExperts } from "./route.ts";

export interface ExpertsAttributes {
  /** Number of experts, including a shared one. */
  readonly experts: number;
  /** Number of experts per token, including a shared one. */
  readonly topK: number;
  /** Intermediate width of one expert. */
  readonly intermediate: number;
}

export const expertsUp = op<ExpertsAttributes>()({
  name: "expertsUp",
  help: "silu(gate) * up of each token's experts. Experts without tokens take no work.",
  /** normed [tokens, hidden], topkIds (u32) [tokens * topK], gateUp [experts, 2 * intermediate, hidden]. */
  inputs: ["normed", "topkIds", "gateUp"],
  /** activation [tokens * topK, intermediate]; halves [tokens * topK, 2 * intermediate] is scratch. */
  outputs: ["activation", "halves"],
  cost: ({ inputs, outputs, attributes: a }, view) => {
    const touched = touchedExperts(a.experts, a.topK, view.counts.tokens) / a.experts;
    return {
      bytes:
        view.bytes(inputs.normed, inputs.topkIds, outputs.activation) + touched * view.bytes(inputs.gateUp),
      flops: (2 * view.counts.tokens * a.topK * view.elements(inputs.gateUp)) / a.experts,
      launches: 1,
    };
  },
});
