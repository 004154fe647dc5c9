import { boolean, number } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { highest } from "./highest.ts";
import { entropyScore } from "./scores.ts";

/**
 * As many positions, the least entropy first, as keep a bound on what they may tell of each other: the sum of
 * their entropies less the largest. Summed in f32, in that order.
 */
export const entropyBound = decoder({
  name: "entropyBound",
  help: "Commits the positions of least entropy, as many as keep their joint entropy within a bound.",
  source: "EB-Sampler (arXiv 2505.24857); inclusive: SDAR (arXiv 2510.06303)",
  parameters: {
    gamma: number({ default: 0.1, minimum: 0, help: "the bound, in nats" }),
    inclusive: boolean({ default: false, help: "count the largest entropy too, and stay below the bound" }),
  },
  commit(view, { gamma, inclusive }, out) {
    const { masked, token, entropy } = view;
    const sorted = highest(masked, masked.length, (offset) => entropyScore(view, offset));
    const bound = Math.fround(gamma);
    let before = entropy[sorted[0]!]!;
    let count = 1;
    for (; count < sorted.length; count++) {
      // `before` sums the entropies that are less than or equal to this one: all but the largest.
      const withThis = Math.fround(before + entropy[sorted[count]!]!);
      if (inclusive ? withThis >= bound : before > bound) break;
      before = withThis;
    }
    for (const offset of sorted.slice(0, count)) out.commit(offset, token[offset]!);
  },
});
