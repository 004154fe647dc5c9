import { boolean, number } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { topK } from "./topK.ts";

/**
 * The n most confident positions, as long as (n + 1) (1 - c_n) stays below the factor; the bound on c_n is
 * rounded to f32. The best position always commits.
 */
export const factor = decoder({
  name: "factor",
  help: "Commits the more positions together the surer the least sure of them is.",
  source: "Fast-dLLM (arXiv 2505.22618), factor-based decoding",
  parameters: {
    factor: number({ default: 1, minimum: 0, help: "how much doubt a step may take on; 0 goes one by one" }),
    reference: boolean({
      default: false,
      help: "as the published code: a bound that is just met passes, and so does a failing last position",
    }),
  },
  commit({ open, token, confidence }, { factor, reference }, out) {
    const sorted = topK(open, open.length, (offset) => confidence[offset]!);
    let count = 1;
    for (; count < sorted.length; count++) {
      const rank = count + 1;
      const bound = Math.fround(1 - factor / (rank + 1));
      const sure = confidence[sorted[count]!]!;
      if (reference ? sure < bound : sure <= bound) break;
    }
    if (reference && count === sorted.length - 1) count++;
    for (const offset of sorted.slice(0, count)) out.commit(offset, token[offset]!);
  },
});
