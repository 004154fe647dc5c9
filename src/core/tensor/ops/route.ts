import { op } from "./op.ts";

export interface RouteAttributes {
  readonly experts: number;
  /** Experts a token. */
  readonly topK: number;
  /** Whether the weights of a token's experts are scaled to sum to 1. */
  readonly normalize: boolean;
  readonly epsilon: number;
}

export const route = op<RouteAttributes>()({
  name: "route",
  help: "RMS norm, router, softmax over all experts, the topK best of each token (lowest index on ties).",
  /** x [tokens, hidden], norm [hidden], router [experts, hidden], bias [experts] (added to the softmax, kept in the weights). */
  inputs: ["x", "norm", "router", "bias"],
  optional: ["bias"],
  /** normed [tokens, hidden]; experts (u32) and weights [tokens * topK], best first. */
  outputs: ["normed", "experts", "weights"],
  cost: ({ inputs, outputs }, view) => ({
    bytes: view.bytes(inputs.x, inputs.norm, inputs.router, outputs.normed, outputs.experts, outputs.weights),
    flops: 2 * view.counts.tokens * view.elements(inputs.router),
    launches: 2,
  }),
});

/** Experts that `tokens` tokens touch when each picks `topK` of `experts` uniformly: what their weights cost. */
export function touchedExperts(experts: number, topK: number, tokens: number): number {
  return experts * (1 - (1 - topK / experts) ** tokens);
}
