/** The choice of a token from a row of logits: filters, then the arg-max of the Gumbel-perturbed logits. */
import { gumbel } from "../../core/decode/philox.ts";
import { minPFloor, type Sampling } from "../../core/tensor/index.ts";

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

/** Whether topK, topP or minP leave tokens out. */
export function isFiltered({ topK, topP, minP = 0 }: Sampling, vocabulary: number): boolean {
  return (topK > 0 && topK < vocabulary) || topP < 1 || minP > 0;
}

/** The tokens that topK, topP and minP let through, ascending; undefined if all are. At temperature 0 as at 1. */
export function allowedTokens(logits: Float32Array, sampling: Sampling): readonly number[] | undefined {
  if (!isFiltered(sampling, logits.length)) return undefined;
  const { temperature, topK, topP } = sampling;
  const floor = minPFloor(sampling);
  const limit = topK > 0 && topK < logits.length ? topK : logits.length;
  const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const best = logits[order[0]!]!;
  let kept = limit;
  if (topP < 1) {
    const weights = order.map((token) => Math.exp((logits[token]! - best) / (temperature || 1)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let sum = 0;
    for (let rank = 0; rank < limit; rank++) {
      sum += weights[rank]!;
      if (sum >= topP * total) {
        kept = rank + 1;
        break;
      }
    }
  }
  const near = (token: number) => Math.fround(logits[token]! - best) >= floor;
  return order
    .slice(0, kept)
    .filter(near)
    .sort((a, b) => a - b);
}
