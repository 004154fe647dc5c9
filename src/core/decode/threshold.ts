import { number } from "../declare/index.ts";
import { decoder } from "./decoder.ts";

/** The bound of a step: the threshold, or a little below the best confidence where none reaches it. All in f32. */
export function thresholdBound(best: number, threshold: number): number {
  const nearBest = Math.fround(Math.fround(best) - Math.fround(1e-5));
  return Math.min(Math.max(nearBest, -1000), Math.fround(threshold));
}

/** Every open position whose confidence reaches the threshold; the best one, and near-ties of it, always. */
export const threshold = decoder({
  name: "threshold",
  help: "Commits every position whose confidence reaches the threshold, and always the best one.",
  source: "Fast-dLLM (arXiv 2505.22618), section 3.3",
  parameters: {
    threshold: number({
      default: 0.9,
      minimum: 0,
      help: "commit from this confidence on; above 1, one by one",
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
