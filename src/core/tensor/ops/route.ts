import { op } from "./op.ts";

/** How the router logits of a token determine its experts and their weights. */
export interface Routing {
  /** The score of an expert: the softmax over all experts, or the sigmoid of its logit. */
  readonly score: "softmax" | "sigmoid";
  /** Number of groups of equal size that the experts form. */
  readonly groups: number;
  /** Number of groups to choose experts from. The score of a group is the sum of the scores of its two best experts. */
  readonly topGroups: number;
  /** Whether the expert weights of a token are normalised to sum to 1. */
  readonly normalize: boolean;
  /** A factor of the expert weights, applied after the normalisation. */
  readonly scale: number;
  /** Number of shared experts. A shared expert follows the routed ones and gets every token with weight 1. */
  readonly shared: 0 | 1;
}

/** The routing of most families: softmax over all experts, without normalisation. */
export const plainRouting = {
  score: "softmax",
  groups: 1,
  topGroups: 1,
  normalize: false,
  scale: 1,
  shared: 0,
} as const satisfies Routing;

export interface RouteAttributes extends Routing {
  /** Number of routed experts. */
  readonly experts: number;
  /** Number of routed experts per token. */
  readonly topK: number;
  readonly epsilon: number;
}

export const route = op<RouteAttributes>()({
  name: "route",
  help: "RMS norm, router, scores, and the experts of each token: the topK best (lowest index on ties), then the shared one.",
  /**
   * x [tokens, hidden], norm [hidden], router [experts, hidden], bias [experts]. With softmax the bias is added to the
   * scores and stays in the weights (LLaDA-MoE); with sigmoid it affects only the choice (DeepSeek-V3, LLaDA2).
   */
  inputs: ["x", "norm", "router", "bias"],
  optional: ["bias"],
  /** normed [tokens, hidden]; topkIds (u32, experts) and topkWeights [tokens * (topK + shared)], best first, the shared expert last. */
  outputs: ["normed", "topkIds", "topkWeights"],
  cost: ({ inputs, outputs }, view) => ({
    bytes: view.bytes(
      inputs.x,
      inputs.norm,
      inputs.router,
      outputs.normed,
      outputs.topkIds,
      outputs.topkWeights,
    ),
    flops: 2 * view.counts.tokens * view.elements(inputs.router),
    launches: 2,
  }),
});

/** Expected number of experts with at least one token, if each of `tokens` tokens picks `topK` of `experts` uniformly. */
export function touchedExperts(experts: number, topK: number, tokens: number): number {
  return experts * (1 - (1 - topK / experts) ** tokens);
}
