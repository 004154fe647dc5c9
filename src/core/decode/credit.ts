import { number, probability } from "../declare/index.ts";
import { type CreditState, creditedTokens, giveCredit, startCredits } from "./creditState.ts";
import { type BlockView, decoder } from "./decoder.ts";
import { thresholdBound } from "./threshold.ts";

/**
 * Chooses by l' = l + alpha ln(1 + C) in f32, with C a token's credit. Only credited tokens differ from l, the
 * arg-max of l among them, so the choice is one of these or, with a temperature, the token that was chosen by l.
 * Ties go to the lower token. The probability is that of the softmax of l': of the vocabulary's mass, what the
 * credited tokens had is replaced by what they have now.
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
    // A token that was not gathered has its first credit from this step: it is the arg-max.
    plain[entry] = entry < gathered.length ? gathered[entry]! : bestLogit;
    raised[entry] = plain[entry]! + Math.fround(alpha * Math.log1p(state.credits[start + entry]!));
    top = Math.max(top, raised[entry]!);
  }

  // Without credit the choice is the view's; its logit is as far below the best one as its probability says.
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
 * Every open position whose fused probability reaches the threshold: the probability after tokens that have
 * been the arg-max in earlier steps, and lately, have gained by it.
 */
export const credit = decoder({
  name: "credit",
  help: "Commits as 'threshold' does, after raising tokens that have been the best one in earlier steps.",
  source: "CreditDecoding (arXiv 2510.06133)",
  parameters: {
    threshold: number({
      default: 0.9,
      minimum: 0,
      help: "commit from this fused confidence on; above 1, one by one",
    }),
    alpha: number({ default: 0.7, minimum: 0, maximum: 100, help: "how much credit raises a logit" }),
    gamma: number({ default: 0.2, minimum: 0, help: "credit for a step is the probability to this power" }),
    beta: probability({ default: 0.8, help: "what is left of a credit after a step" }),
  },
  smoothed: "threshold",
  // A step gives credit to one token of a position, and every token keeps its own.
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
