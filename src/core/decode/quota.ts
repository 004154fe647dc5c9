import { choice, optionalProbability } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { steps } from "./fixed.ts";
import { aboveOrBest } from "./thresholdTopN.ts";
import { evenTransferCount } from "./topK.ts";

/**
 * Commits an equal share of the block's length in each of `steps` steps, even if part of the block was given: the most confident
 * positions, or the leftmost ones. With a threshold, commits all positions above it if these are at least as many.
 */
export const quota = decoder({
  name: "quota",
  help: "SDAR's low_confidence_static, with a threshold its low_confidence_dynamic: commits an equal share of the block's length in each step, or every position above the threshold if these are more.",
  source: "SDAR (arXiv 2510.06303), block_diffusion_generate; LLaDA2.0 (arXiv 2512.15745), generate",
  parameters: {
    steps,
    threshold: optionalProbability({
      default: null,
      help: "commit every position above this confidence if these are at least as many as the step's share; null commits the share",
    }),
    order: choice(["probability", "position"], {
      default: "probability",
      help: "the positions of a share: the most confident, or the leftmost",
    }),
  },
  commit(view, { steps, threshold, order }, out) {
    const { open, length, step, token } = view;
    const count = Math.max(1, evenTransferCount(length, steps, step));
    const chosen =
      order === "position" ? open.slice(0, count) : aboveOrBest(view, threshold ?? Infinity, count);
    for (const offset of chosen) out.commit(offset, token[offset]!);
  },
});
