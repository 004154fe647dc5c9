import { number } from "../declare/index.ts";
import { decoder } from "./decoder.ts";

/**
 * The confidence from which a step commits: the threshold, or slightly less than the best confidence if no position reaches
 * the threshold. Computed in f32.
 */
export function thresholdBound(best: number, threshold: number): number {
  const nearBest = Math.fround(Math.fround(best) - Math.fround(1e-5));
  return Math.min(Math.max(nearBest, -1000), Math.fround(threshold));
}

/** Commits every open position whose confidence reaches the threshold, and always the best one and its near-ties. */
export const threshold = decoder({
  name: "threshold",
  help: "Commits every position whose confidence reaches the threshold, and always the best one.",
  source: "Fast-dLLM (arXiv 2505.22618), section 3.3",
  parameters: {
    threshold: number({
      default: 0.9,
      minimum: 0,
      saturatesAt: 1,
      help: "commit from this confidence on; above 1 commits one position per step",
    }),
  },
  smoothed: "threshold",
  commit({ open, token, confidence }, { threshold }, out) {
    let best = -Infinity;
    for (const offset of open) best = Math.max(best, confidence[offset]!);
    const bound = thresholdBound(best, threshold);
    for (const offset of open) if (confidence[offset]! >= bound) out.commit(offset, token[offset]!);
  },
});
