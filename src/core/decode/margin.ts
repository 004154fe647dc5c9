import { decoder } from "./decoder.ts";
import { steps } from "./fixed.ts";
import { marginScore } from "./scores.ts";
import { evenTransferCount, topK } from "./topK.ts";

/** Commits an equal share of the block in each of `steps` steps, the largest top-1 to top-2 margins first. */
export const margin = decoder({
  name: "margin",
  help: "Commits an equal share of the block in each step, the largest top-1 to top-2 margins first.",
  source: "Dream (arXiv 2508.15487), topk_margin",
  parameters: { steps },
  commit(view, { steps }, out) {
    const { open, openAtStart, step, token } = view;
    const count = Math.max(1, evenTransferCount(openAtStart, steps, step));
    for (const offset of topK(open, count, (o) => marginScore(view, o))) {
      out.commit(offset, token[offset]!);
    }
  },
});
