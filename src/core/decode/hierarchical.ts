import { optionalProbability, probability } from "../declare/index.ts";
import { decoder } from "./decoder.ts";

/**
 * The most confident position of every run of open positions, if it exceeds the low threshold: each commit
 * splits a run in two, so a block resolves in about log2 steps. Also every position above the threshold, and the
 * first of the block's best.
 */
export const hierarchical = decoder({
  name: "hierarchical",
  help: "Commits the best position of every run of open positions, which splits the run in two.",
  source: "dInfer (arXiv 2510.08666), hierarchical decoding",
  parameters: {
    threshold: optionalProbability({
      default: null,
      help: "commit every position above this confidence; null leaves it to the low threshold",
    }),
    low: probability({ default: 0.4, help: "commit the best position of a run above this confidence" }),
  },
  smoothed: "threshold",
  commit({ length, open, token, confidence }, { threshold, low }, out) {
    const lowBound = Math.fround(low);
    const highBound = threshold === null ? Infinity : Math.fround(threshold);
    // The maximum of each position's run, by a scan in both directions; 0 where not open, which ends a run.
    const runMaximum = new Float32Array(length);
    let first = open[0]!;
    for (const offset of open) {
      runMaximum[offset] = Math.max(confidence[offset]!, runMaximum[offset - 1] ?? 0);
      if (confidence[offset]! > confidence[first]!) first = offset;
    }
    for (let index = open.length - 1; index >= 0; index--) {
      const offset = open[index]!;
      runMaximum[offset] = Math.max(runMaximum[offset]!, runMaximum[offset + 1] ?? 0);
    }
    for (const offset of open) {
      const own = confidence[offset]!;
      const peak = own === runMaximum[offset] && own > lowBound;
      if (peak || own > highBound || offset === first) out.commit(offset, token[offset]!);
    }
  },
});
