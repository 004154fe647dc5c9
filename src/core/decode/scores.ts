/**
 * Three scores that order positions; a higher score is more confident.
 * Source: Dream (arXiv 2508.15487), whose code calls them maskgit_plus, topk_margin and entropy.
 */
import type { BlockView } from "./decoder.ts";

/** The probability of the chosen token. */
function probabilityScore({ confidence }: BlockView, offset: number): number {
  return confidence[offset]!;
}

/** The top-1 to top-2 margin of the probabilities, in f32. */
export function marginScore({ bestProbability, secondProbability }: BlockView, offset: number): number {
  return Math.fround(bestProbability[offset]! - secondProbability[offset]!);
}

/** The sum of p ln p: entropy, negated. */
export function entropyScore({ entropy }: BlockView, offset: number): number {
  return -entropy[offset]!;
}

/** The scores, by the name of the order in decoder parameters. */
export const orderScores = {
  probability: probabilityScore,
  margin: marginScore,
  entropy: entropyScore,
} as const;
