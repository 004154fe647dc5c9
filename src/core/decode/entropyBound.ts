import { boolean, choice, number, optionalInteger } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { orderScores } from "./scores.ts";
import { topK } from "./topK.ts";

const { fround } = Math;

/**
 * Commits positions in order of confidence, as many as keep the sum of their entropies minus the largest one within gamma. This
 * sum bounds the mutual information of the positions. Computed in f32, in the order of the commits.
 */
export const entropyBound = decoder({
  name: "entropyBound",
  help: "Commits the most confident positions, as many as keep a bound on their mutual information.",
  source: "EB-Sampler (arXiv 2505.24857); inclusive: SDAR (arXiv 2510.06303); order and rounds: RND1",
  parameters: {
    gamma: number({ default: 0.1, minimum: 0, help: "the bound, in nats" }),
    inclusive: boolean({
      default: false,
      help: "include the largest entropy in the sum, which must then be below the bound",
    }),
    order: choice(["entropy", "probability"], {
      default: "entropy",
      help: "order of the positions: lowest entropy first, or highest probability first",
    }),
    rounds: optionalInteger({
      default: null,
      minimum: 1,
      help: "maximum steps per block; the last step commits all open positions",
    }),
  },
  commit(view, { gamma, inclusive, order, rounds }, out) {
    const { open, token, entropy, step } = view;
    const sorted = topK(open, open.length, (offset) => orderScores[order](view, offset));
    const bound = fround(gamma);
    const last = rounds !== null && step + 1 >= rounds;
    // The largest entropy of the committed positions, and the sum of their other entropies.
    let largest = entropy[sorted[0]!]!;
    let others = 0;
    let count = 1;
    for (; count < sorted.length; count++) {
      const own = entropy[sorted[count]!]!;
      const nextOthers = fround(others + Math.min(own, largest));
      const nextLargest = Math.max(own, largest);
      if (!last && (inclusive ? fround(nextOthers + nextLargest) >= bound : nextOthers > bound)) break;
      others = nextOthers;
      largest = nextLargest;
    }
    for (const offset of sorted.slice(0, count)) out.commit(offset, token[offset]!);
  },
});
