import { op } from "./op.ts";

/** How a router's logits become a token's experts and their weights. */
export interface Routing {
  /** Of all experts together, or of each alone. */
  readonly score: "softmax" | "sigmoid";
  /** Experts come in so many groups of equal size; of these only the `topGroups` with the highest sum of two best scores count. */
  readonly groups: number;
  readonly topGroups: number;
  /** Whether the weights of a token's experts are scaled to sum to 1. */
  readonly normalize: boolean;
  /** Multiplies the weights, after that. */
  readonly scale: number;
  /** One more expert, behind the routed ones, that every token goes to with weight 1. */
  readonly shared: 0 | 1;
}

/** What most families have: softmax over all experts, weights as they are. */
export const plainRouting = {
  score: "softmax",
  groups: 1,
  topGroups: 1,
  normalize: false,
  scale: 1,
  shared: 0,
} as const satisfies Routing;

export interface RouteAttributes extends Routing {
  /** Experts that are chosen from. */
  readonly experts: number;
  /** Experts a token that are chosen. */
  readonly topK: number;
  readonly epsilon: number;
}

export const route = op<RouteAttributes>()({
  name: "route",
  help: "RMS norm, router, scores, the topK best experts of each token (lowest index on ties), the shared one.",
  /**
   * x [tokens, hidden], norm [hidden], router [experts, hidden], bias [experts]. With softmax the bias is added to the
   * scores and stays in the weights (LLaDA-MoE); with sigmoid it only decides which are chosen (DeepSeek-V3, LLaDA2).
   */
  inputs: ["x", "norm", "router", "bias"],
  optional: ["bias"],
  /** normed [tokens, hidden]; experts (u32) and weights [tokens * (topK + shared)], best first, the shared one last. */
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
