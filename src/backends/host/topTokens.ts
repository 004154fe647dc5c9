/** The best tokens of a row of logits. */
import type { TopTokens } from "../../core/tensor/index.ts";

/** Writes the `count` best tokens of row `row`, of which `chosen` was chosen; a logit of minus infinity excludes a token. */
export function topTokens(
  logits: Float32Array,
  { chosen, row, count }: { readonly chosen: number; readonly row: number; readonly count: number },
  top: TopTokens,
): void {
  const start = row * top.size;
  const tokens = top.tokens.subarray(start, start + count);
  const best = top.logits.subarray(start, start + count);
  let highest = -Infinity;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    highest = Math.max(highest, logit);
    if (!(logit > (best[count - 1] ?? Infinity))) continue;
    // Among equal logits the lower token stays first.
    let rank = count - 1;
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
