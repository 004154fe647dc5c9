import { optionalProbability, probability } from "../declare/index.ts";
import { decoder } from "./decoder.ts";

/**
 * Commits the most confident position of every run of open positions if its confidence is above the low threshold. Each commit
 * splits a run in two, so a block of n positions takes about log2(n) steps. Also commits every position above the threshold,
 * and always the block's most confident position (the first one on ties).
 */
export const hierarchical = decoder({
  name: "hierarchical",
  help: "Commits the most confident position of every run of open positions, which splits the run in two.",
  source: "dInfer (arXiv 2510.08666), hierarchical decoding",
  parameters: {
    threshold: optionalProbability({
      default: null,
      help: "also commit every position above this confidence; null for none",
    }),
    low: probability({
      default: 0.4,
      help: "commit the most confident position of a run above this confidence",
    }),
  },
  smoothed: "threshold",
  commit({ length, open, token, confidence }, { threshold, low }, out) {
    const lowBound = Math.fround(low);
    const highBound = threshold === null ? Infinity : Math.fround(threshold);
    // The maximum confidence of each position's run, by a scan in both directions. Decided positions are 0 and end a run.
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
