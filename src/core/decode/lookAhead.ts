import { integer, number, probability } from "../declare/index.ts";
import { type BlockView, decoder } from "./decoder.ts";
import { withinBound } from "./entropyBound.ts";
import { topK } from "./topK.ts";

const { fround } = Math;

/**
 * The mean of the lowest confidences of a block's open positions, of at least one: how sure the model is of what is left. A block
 * without open positions is certain. Summed in f32, from the lowest on.
 */
function certaintyOf({ open, confidence }: BlockView, part: number): number {
  if (open.length === 0) return 1;
  const count = Math.max(1, Math.floor(part * open.length));
  const lowest = topK(open, count, (offset) => -confidence[offset]!);
  return fround(lowest.reduce((sum, offset) => fround(sum + confidence[offset]!), 0) / count);
}

/**
 * Commits as `entropyBound` does, and proposes branches: each commits one more position, from the most confident on. The next step goes
 * on from the block in which the rest is most certain; the certainty of the branch's own token has a weight in this, as a block that
 * contradicts itself can look certain too.
 */
export const lookAhead = decoder({
  name: "lookAhead",
  help: "Commits as entropyBound, tries further commits in branches of the same pass, and keeps the most certain one.",
  source: "LoPA (arXiv 2512.16229), with the commits of EB-Sampler (arXiv 2505.24857)",
  parameters: {
    gamma: number({ default: 0.1, minimum: 0, help: "the bound of entropyBound, in nats" }),
    branches: integer({
      default: 3,
      minimum: 1,
      maximum: 8,
      help: "maximum branches of a step; each takes the rows of a pass",
    }),
    weight: probability({ default: 0.25, help: "weight of the confidence of a branch's own token" }),
    part: probability({
      default: 0.5,
      help: "fraction of the open positions, the least confident ones, that a branch is judged by",
    }),
  },
  onlyOnHost: () => "no kernel computes branches",
  lookAhead: {
    maxBranches: ({ branches }) => branches,
    choose(views, { weight, part }) {
      const own = fround(weight);
      const rest = fround(1 - own);
      const scores = views.map(({ view, certainty }) =>
        fround(fround(own * certainty) + fround(rest * certaintyOf(view, part))),
      );
      return scores.indexOf(Math.max(...scores));
    },
  },
  commit(view, { gamma, branches }, out) {
    const { open, token, confidence } = view;
    const committed = new Set(withinBound(view, { gamma, inclusive: false, order: "entropy" }));
    for (const offset of committed) out.commit(offset, token[offset]!);
    const left = open.filter((offset) => !committed.has(offset));
    // The next pass decides a single position that is left in any case.
    if (left.length < 2) return;
    for (const offset of topK(left, branches, (each) => confidence[each]!))
      out.branch(offset, token[offset]!);
  },
});
