import { op } from "./op.ts";

/** The rule from router logits to the experts of a token and their weights. */
export interface Routing {
  /** The score of an expert: the softmax over all experts, or a sigmoid of its own logit. */
  readonly score: "softmax" | "sigmoid";
  /** Experts form this number of groups of equal size. */
  readonly groups: number;
  /** Only experts of the best groups are chosen; the score of a group is the sum of its two best experts. */
  readonly topGroups: number;
  /** Whether the weights of a token are normalised to sum to 1. */
  readonly normalize: boolean;
  /** Multiplies the weights after the normalisation. */
  readonly scale: number;
  /** An expert after the routed ones that gets every token, with weight 1. */
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
  /** Routed experts in all. */
  readonly experts: number;
  /** Routed experts of a token. */
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

/** Expected number of experts with at least one of `tokens` tokens, if each token picks `topK` of `experts` uniformly. */
export function touchedExperts(experts: number, topK: number, tokens: number): number {
  return experts * (1 - (1 - topK / experts) ** tokens);
}
