import { decoder } from "./decoder.ts";
import { steps } from "./fixed.ts";
import { entropyScore } from "./scores.ts";
import { evenTransferCount, topK } from "./topK.ts";

/** Commits an equal share of the block in each of `steps` steps, the positions of lowest entropy first. */
export const entropy = decoder({
  name: "entropy",
  help: "Commits an equal share of the block in each step, the positions of lowest entropy first.",
  source: "Dream (arXiv 2508.15487), entropy",
  parameters: { steps },
  commit(view, { steps }, out) {
    const { open, openAtStart, step, token } = view;
    const count = Math.max(1, evenTransferCount(openAtStart, steps, step));
    for (const offset of topK(open, count, (o) => entropyScore(view, o))) {
      out.commit(offset, token[offset]!);
    }
  },
});
