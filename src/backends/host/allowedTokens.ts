/** The filters of sampling: which tokens topK, topP and minP let through. */
import { minPFloor, type Sampling } from "../../core/tensor/index.ts";

/** Whether topK, topP or minP leave tokens out. */
export function isFiltered({ topK, topP, minP = 0 }: Sampling, vocabulary: number): boolean {
  return (topK > 0 && topK < vocabulary) || topP < 1 || minP > 0;
}

/**
 * The tokens that topK, topP and minP let through, ascending; undefined if all are. At temperature 0 as at 1.
 * Sorting a whole vocabulary takes longer than a layer of the model, so only tokens near the best one are sorted, and more
 * of them until they hold what the filters let through.
 */
export function allowedTokens(logits: Float32Array, sampling: Sampling): readonly number[] | undefined {
  if (!isFiltered(sampling, logits.length)) return undefined;
  const { temperature, topK, topP } = sampling;
  const heat = temperature || 1;
  const limit = topK > 0 && topK < logits.length ? topK : logits.length;
  const best = highest(logits);
  const weightOf = (token: number) => Math.exp((logits[token]! - best) / heat);
  const mass = topP < 1 ? topP * sumOf(logits, weightOf) : Infinity;
  const floor = minPFloor(sampling);
  let ranked: readonly number[] = [];
  let kept: number | undefined;
  for (const reach of [4, 12, 40, Infinity]) {
    ranked = tokensFrom(logits, best - reach * heat);
    kept = keptOf(ranked, limit, mass, weightOf);
    // What lies beyond is below the floor.
    if (kept !== undefined || best - reach * heat < best + floor - Math.abs(best) * 1e-6) break;
  }
  const near = (token: number) => Math.fround(logits[token]! - best) >= floor;
  return ranked
    .slice(0, kept)
    .filter(near)
    .sort((a, b) => a - b);
}

/** Tokens with at least this logit, the best first and the lowest first among equal ones. */
function tokensFrom(logits: Float32Array, lowest: number): readonly number[] {
  const tokens: number[] = [];
  for (let token = 0; token < logits.length; token++) if (logits[token]! >= lowest) tokens.push(token);
  return tokens.sort((a, b) => logits[b]! - logits[a]! || a - b);
}

/** How many of the ranked tokens topK and topP let through; undefined if tokens that are not ranked may be among them. */
function keptOf(
  ranked: readonly number[],
  limit: number,
  mass: number,
  weightOf: (token: number) => number,
): number | undefined {
  let sum = 0;
  for (const [rank, token] of ranked.entries()) {
    if (rank === limit) return limit;
    sum += weightOf(token);
    if (sum >= mass) return rank + 1;
  }
  return ranked.length === limit ? limit : undefined;
}

function highest(logits: Float32Array): number {
  let most = -Infinity;
  for (const logit of logits) if (logit > most) most = logit;
  return most;
}

function sumOf(logits: Float32Array, weightOf: (token: number) => number): number {
  let sum = 0;
  for (let token = 0; token < logits.length; token++) sum += weightOf(token);
  return sum;
}
