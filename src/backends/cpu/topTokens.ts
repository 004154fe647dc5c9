/** The best tokens of a row of logits. */
import type { TopTokens } from "../../core/tensor/index.ts";

/** Writes row `row` of `top`; tokens with a logit of minus infinity do not exist. */
export function topTokens(logits: Float32Array, chosen: number, row: number, top: TopTokens): void {
  const { size } = top;
  const tokens = top.tokens.subarray(row * size, (row + 1) * size);
  const best = top.logits.subarray(row * size, (row + 1) * size);
  let highest = -Infinity;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    highest = Math.max(highest, logit);
    if (!(logit > (best[size - 1] ?? Infinity))) continue;
    // An equal one stays before it, as its token is lower.
    let rank = size - 1;
    for (; rank > 0 && best[rank - 1]! < logit; rank--) {
      best[rank] = best[rank - 1]!;
      tokens[rank] = tokens[rank - 1]!;
    }
    best[rank] = logit;
    tokens[rank] = token;
  }
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - highest);
  top.chosen[row] = logits[chosen]!;
  top.logSumExp[row] = Math.log(total);
}
