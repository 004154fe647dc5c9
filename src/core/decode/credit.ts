import { number, probability } from "../declare/index.ts";
import { type CreditState, creditedTokens, giveCredit, startCredits } from "./creditState.ts";
import { type BlockView, decoder } from "./decoder.ts";
import { thresholdBound } from "./threshold.ts";

/**
 * Chooses a token by the fused logits l' = l + alpha ln(1 + C) in f32, where C is the credit of a token. Only credited tokens
 * have l' other than l, and the arg-max of l is always one of them. So the choice is a credited token or, with a
 * temperature, the token that was sampled by l. Lower tokens win ties. The confidence is the softmax of l': in the sum of
 * exp(l), the terms of the credited tokens are replaced by exp(l').
 */
function fuse(view: BlockView, state: CreditState, offset: number, alpha: number) {
  const start = offset * state.capacity;
  const count = state.counts[offset]!;
  const gathered = view.gathered(offset);
  const bestLogit = view.bestLogit[offset]!;
  const plain = new Float32Array(count);
  const raised = new Float32Array(count);
  let top = -Infinity;
  for (let entry = 0; entry < count; entry++) {
    // The logit of a token that got its first credit in this step was not gathered: the token is the arg-max.
    plain[entry] = entry < gathered.length ? gathered[entry]! : bestLogit;
    raised[entry] = plain[entry]! + Math.fround(alpha * Math.log1p(state.credits[start + entry]!));
    top = Math.max(top, raised[entry]!);
  }

  // Start from the choice by l. Its logit follows from the best logit and the ratio of the two probabilities.
  let token = view.token[offset]!;
  let logit = bestLogit + Math.log(view.confidence[offset]! / view.bestProbability[offset]!);
  let score = logit + view.noise(offset, token);
  let rest = Math.exp(bestLogit - top + view.logSumExp[offset]!);
  let credited = 0;
  for (let entry = 0; entry < count; entry++) {
    rest -= Math.exp(plain[entry]! - top);
    credited += Math.exp(raised[entry]! - top);
    const candidate = state.tokens[start + entry]!;
    const own = raised[entry]! + view.noise(offset, candidate);
    if (own > score || (own === score && candidate < token)) {
      token = candidate;
      logit = raised[entry]!;
      score = own;
    }
  }
  return { token, confidence: Math.exp(logit - top) / (Math.max(rest, 0) + credited) };
}

/**
 * Commits every open position whose fused confidence reaches the threshold, and always the best one. A token gains credit in
 * each step in which it is the arg-max of its position, and credit decays from step to step.
 */
export const credit = decoder({
  name: "credit",
  help: "Commits as 'threshold' does, after raising the logits of tokens that were the most probable ones in earlier steps.",
  source: "CreditDecoding (arXiv 2510.06133)",
  parameters: {
    threshold: number({
      default: 0.9,
      minimum: 0,
      saturatesAt: 1,
      help: "commit from this fused confidence on; above 1 commits one position per step",
    }),
    alpha: number({
      default: 0.7,
      minimum: 0,
      maximum: 100,
      help: "factor of ln(1 + credit), which is added to a logit",
    }),
    gamma: number({
      default: 0.2,
      minimum: 0,
      help: "a step's credit is the token's probability to the power of gamma",
    }),
    beta: probability({ default: 0.8, help: "fraction of its credit that a token keeps after a step" }),
  },
  smoothed: "threshold",
  // A step gives credit to one token per position, so after n steps at most n tokens of a position have credit.
  kernel: { positionWords: (blockLength) => blockLength, gatheredTokens: (steps) => steps },
  start: startCredits,
  gather: creditedTokens,
  commit(view, { threshold, alpha, gamma, beta }, out, state) {
    const { length, open, best, bestProbability } = view;
    const token = new Uint32Array(length);
    const confidence = new Float32Array(length);
    let highest = -Infinity;
    for (const offset of open) {
      giveCredit(state, offset, best[offset]!, bestProbability[offset]! ** gamma, beta);
      const fused = fuse(view, state, offset, alpha);
      token[offset] = fused.token;
      confidence[offset] = fused.confidence;
      highest = Math.max(highest, confidence[offset]!);
    }
    const bound = thresholdBound(highest, threshold);
    for (const offset of open) {
      if (confidence[offset]! >= bound) out.commit(offset, token[offset]!, confidence[offset]!);
    }
  },
});
