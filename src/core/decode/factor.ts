import { boolean, number } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { topK } from "./topK.ts";

/**
 * Commits the n most confident positions, with the largest n for which (n + 1) (1 - c_n) is below the factor, where c_n is the
 * n-th highest confidence. The bound on c_n is rounded to f32. The best position is always committed.
 */
export const factor = decoder({
  name: "factor",
  help: "Commits more positions in one step the more confident the least confident of them is.",
  source: "Fast-dLLM (arXiv 2505.22618), factor-based decoding",
  parameters: {
    factor: number({
      default: 1,
      minimum: 0,
      help: "bound on (n + 1) (1 - confidence) for n commits; 0 commits one position per step",
    }),
    reference: boolean({
      default: false,
      help: "as the published code: also commit at equality, and the last position even if it fails",
    }),
  },
  commit({ open, token, confidence }, { factor, reference }, out) {
    const sorted = topK(open, open.length, (offset) => confidence[offset]!);
    let count = 1;
    for (; count < sorted.length; count++) {
      const rank = count + 1;
      const bound = Math.fround(1 - factor / (rank + 1));
      const lowest = confidence[sorted[count]!]!;
      if (reference ? lowest < bound : lowest <= bound) break;
    }
    if (reference && count === sorted.length - 1) count++;
    for (const offset of sorted.slice(0, count)) out.commit(offset, token[offset]!);
  },
});
