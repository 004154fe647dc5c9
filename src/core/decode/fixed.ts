import { integer } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { highest, share } from "./highest.ts";

export const steps = integer({ default: 32, minimum: 1, help: "decode steps a block" });

/** An equal share of the block in each of `steps` steps: the most confident positions first. */
export const fixed = decoder({
  name: "fixed",
  help: "Commits an equal share of the block in each step, the most confident positions first.",
  source: "LLaDA (arXiv 2502.09992), low-confidence remasking",
  parameters: { steps },
  commit({ masked, maskedAtStart, step, token, confidence }, { steps }, out) {
    const count = Math.max(1, share(maskedAtStart, steps, step));
    for (const offset of highest(masked, count, (o) => confidence[o]!)) out.commit(offset, token[offset]!);
  },
});
