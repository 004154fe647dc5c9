import { boolean, choice, number, optionalInteger } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { orderScores } from "./scores.ts";
import { topK } from "./topK.ts";

const { fround } = Math;

/**
 * As many positions, the surest first, as keep a bound on what they may tell of each other: the sum of their entropies
 * less the largest. Summed in f32, in that order.
 */
export const entropyBound = decoder({
  name: "entropyBound",
  help: "Commits the surest positions, as many as keep their joint entropy within a bound.",
  source: "EB-Sampler (arXiv 2505.24857); inclusive: SDAR (arXiv 2510.06303); order and rounds: RND1",
  parameters: {
    gamma: number({ default: 0.1, minimum: 0, help: "the bound, in nats" }),
    inclusive: boolean({ default: false, help: "count the largest entropy too, and stay below the bound" }),
    order: choice(["entropy", "probability"], {
      default: "entropy",
      help: "what makes a position sure: little entropy, or its probability",
    }),
    rounds: optionalInteger({
      default: null,
      minimum: 1,
      help: "most steps a block: the last one commits all that is left",
    }),
  },
  commit(view, { gamma, inclusive, order, rounds }, out) {
    const { open, token, entropy, step } = view;
    const sorted = topK(open, open.length, (offset) => orderScores[order](view, offset));
    const bound = fround(gamma);
    const last = rounds !== null && step + 1 >= rounds;
    // Of the positions that are taken: their largest entropy, and the sum of the others.
    let largest = entropy[sorted[0]!]!;
    let rest = 0;
    let count = 1;
    for (; count < sorted.length; count++) {
      const own = entropy[sorted[count]!]!;
      const others = fround(rest + Math.min(own, largest));
      const most = Math.max(own, largest);
      if (!last && (inclusive ? fround(others + most) >= bound : others > bound)) break;
      rest = others;
      largest = most;
    }
    for (const offset of sorted.slice(0, count)) out.commit(offset, token[offset]!);
  },
});
