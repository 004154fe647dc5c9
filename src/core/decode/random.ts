import { decoder } from "./decoder.ts";
import { steps } from "./fixed.ts";
import { evenTransferCount, topK } from "./topK.ts";

/** Commits an equal share of the block in each of `steps` steps, at random positions. */
export const random = decoder({
  name: "random",
  help: "Commits an equal share of the block in each step, at random positions.",
  source: "LLaDA (arXiv 2502.09992), random remasking",
  parameters: { steps },
  commit({ open, openAtStart, step, token, random }, { steps }, out) {
    const count = Math.max(1, evenTransferCount(openAtStart, steps, step));
    for (const offset of topK(open, count, random)) out.commit(offset, token[offset]!);
  },
});
