/** The choice of a token from a row of logits: filters, then the arg-max of the Gumbel-perturbed logits. */
import { gumbel } from "../../core/decode/philox.ts";
import type { Sampling } from "../../core/tensor/index.ts";
import { allowedTokens } from "./allowedTokens.ts";

/**
 * The arg-max of logit - temperature * ln(-ln U) over the tokens that topK, topP and minP let through; the lowest index
 * wins ties. topP and minP are taken on softmax(logits / temperature) over the whole vocabulary.
 * Minus infinity is never chosen.
 */
export function choose(logits: Float32Array, sampling: Sampling, position: number, step: number): number {
  const { temperature, seed } = sampling;
  const allowed = allowedTokens(logits, sampling);
  let best = -1;
  let bestScore = -Infinity;
  const consider = (token: number) => {
    const logit = logits[token]!;
    if (logit === -Infinity) return;
    const score = logit + temperature * gumbel(seed, position, step, token);
    if (score > bestScore) {
      best = token;
      bestScore = score;
    }
  };
  if (allowed) for (const token of allowed) consider(token);
  else for (let token = 0; token < logits.length; token++) consider(token);
  return best;
}
