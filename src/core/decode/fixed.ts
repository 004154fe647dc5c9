import { choice, integer } from "../declare/index.ts";
import { type BlockView, decoder, maxIdleSteps } from "./decoder.ts";
import { evenTransferCount, topK } from "./topK.ts";
import { torchTopK } from "./torchTopK.ts";

/** The number of steps has a maximum, as schedules are computed step by step. */
export const steps = integer({
  default: 32,
  minimum: 1,
  maximum: maxIdleSteps,
  help: "decode steps per block",
});

/** The positions that `torch.topk` returns for the whole sequence, with minus infinity outside the block's open positions. */
function torchTopPositions({ start, sequenceLength, open, confidence }: BlockView, count: number) {
  const scores = new Float32Array(sequenceLength).fill(-Infinity);
  for (const offset of open) scores[start + offset] = confidence[offset]!;
  const chosen = torchTopK(scores, Math.min(count, open.length)).map((position) => position - start);
  return topK(chosen, chosen.length, (offset) => confidence[offset]!);
}

/** Commits an equal share of the block in each of `steps` steps, the most confident positions first. */
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
  onlyOnHost: ({ ties }) => (ties === "torch" ? "kernels do not support ties 'torch'" : undefined),
  commit(view, { steps, ties }, out) {
    const { open, openAtStart, step, token, confidence } = view;
    const count = Math.max(1, evenTransferCount(openAtStart, steps, step));
    const chosen =
      ties === "torch" ? torchTopPositions(view, count) : topK(open, count, (o) => confidence[o]!);
    for (const offset of chosen) out.commit(offset, token[offset]!);
  },
});
