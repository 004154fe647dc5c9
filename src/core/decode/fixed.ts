import { choice, integer } from "../declare/index.ts";
import { type BlockView, decoder, maxIdleSteps } from "./decoder.ts";
import { share, topK } from "./topK.ts";
import { torchTopK } from "./torchTopK.ts";

/** Schedules are computed step by step, so their number is bounded. */
export const steps = integer({
  default: 32,
  minimum: 1,
  maximum: maxIdleSteps,
  help: "decode steps a block",
});

/** As `torch.topk` over the confidences of the whole sequence, of which only open positions of the block have one. */
function torchHighest({ start, sequenceLength, open, confidence }: BlockView, count: number) {
  const scores = new Float32Array(sequenceLength).fill(-Infinity);
  for (const offset of open) scores[start + offset] = confidence[offset]!;
  const chosen = torchTopK(scores, Math.min(count, open.length)).map((position) => position - start);
  return topK(chosen, chosen.length, (offset) => confidence[offset]!);
}

/** An equal share of the block in each of `steps` steps: the most confident positions first. */
export const fixed = decoder({
  name: "fixed",
  help: "Low-confidence remasking: commits an equal share of the block in each step, the most confident positions first.",
  source: "LLaDA (arXiv 2502.09992), low-confidence remasking",
  parameters: {
    steps,
    ties: choice(["lowest", "torch"], {
      default: "lowest",
      help: "order of equal confidences: the lowest position first, or the order of torch.topk on a CPU",
    }),
  },
  onlyOnHost: ({ ties }) => (ties === "torch" ? "ties are resolved as torch.topk does" : undefined),
  commit(view, { steps, ties }, out) {
    const { open, openAtStart, step, token, confidence } = view;
    const count = Math.max(1, share(openAtStart, steps, step));
    const chosen = ties === "torch" ? torchHighest(view, count) : topK(open, count, (o) => confidence[o]!);
    for (const offset of chosen) out.commit(offset, token[offset]!);
  },
});
