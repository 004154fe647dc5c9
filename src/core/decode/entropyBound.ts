import { boolean, choice, number, optionalInteger } from "../declare/index.ts";
import { type BlockView, decoder } from "./decoder.ts";
import { orderScores } from "./scores.ts";
import { topK } from "./topK.ts";

const { fround } = Math;

/** The bound: its height in nats, how the sum is made, and the order in which positions enter it. */
export interface EntropyBound {
  readonly gamma: number;
  readonly inclusive: boolean;
  readonly order: "entropy" | "probability";
}

/**
 * The open positions in the bound's order, as many as keep the sum of their entropies minus the largest one within gamma, at least one.
 * This sum bounds the mutual information of the positions. Computed in f32, in that order.
 */
export function withinBound(view: BlockView, { gamma, inclusive, order }: EntropyBound): readonly number[] {
  const { open, entropy } = view;
  const sorted = topK(open, open.length, (offset) => orderScores[order](view, offset));
  const bound = fround(gamma);
  // The largest entropy of the positions within, and the sum of their other entropies.
  let largest = entropy[sorted[0]!]!;
  let others = 0;
  let count = 1;
  for (; count < sorted.length; count++) {
    const own = entropy[sorted[count]!]!;
    const nextOthers = fround(others + Math.min(own, largest));
    const nextLargest = Math.max(own, largest);
    if (inclusive ? fround(nextOthers + nextLargest) >= bound : nextOthers > bound) break;
    others = nextOthers;
    largest = nextLargest;
  }
  return sorted.slice(0, count);
}

/** Commits positions in order of confidence, as many as keep a bound on their mutual information. */
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
    const isLast = rounds !== null && view.step + 1 >= rounds;
    const bound = { gamma: isLast ? Infinity : gamma, inclusive, order };
    for (const offset of withinBound(view, bound)) out.commit(offset, view.token[offset]!);
  },
});
