import { choice, optionalProbability } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { steps } from "./fixed.ts";
import { aboveOrBest } from "./thresholdTopN.ts";
import { share } from "./topK.ts";

/**
 * An equal share of the block's length in each of `steps` steps, whatever of it was open at the start: the most
 * confident positions or the leftmost ones; with a threshold, all that exceed it where these are no fewer.
 */
export const quota = decoder({
  name: "quota",
  help: "SDAR's low_confidence_static, with a threshold its low_confidence_dynamic: commits an equal share of the block's length in each step, or every position above the threshold if those are more.",
  source: "SDAR (arXiv 2510.06303), block_diffusion_generate; LLaDA2.0 (arXiv 2512.15745), generate",
  parameters: {
    steps,
    threshold: optionalProbability({
      default: null,
      help: "commit every position above this confidence, if those are no fewer than the step's share; null commits the share",
    }),
    order: choice(["probability", "position"], {
      default: "probability",
      help: "which positions make up a share: the most confident, or the leftmost",
    }),
  },
  commit(view, { steps, threshold, order }, out) {
    const { open, length, step, token } = view;
    const count = Math.max(1, share(length, steps, step));
    const chosen =
      order === "position" ? open.slice(0, count) : aboveOrBest(view, threshold ?? Infinity, count);
    for (const offset of chosen) out.commit(offset, token[offset]!);
  },
});
