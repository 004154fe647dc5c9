import { integer, number, probability } from "../declare/index.ts";
import { decoder } from "./decoder.ts";
import { steps } from "./fixed.ts";
import { evenTransferCount, topK } from "./topK.ts";

/**
 * Commits every open position that is confident and stable, that is, whose divergence was below a bound in each of the last
 * steps. If there is no such position, commits as `fixed` does. The state counts the consecutive steps below the bound, by
 * offset.
 */
export const klass = decoder({
  name: "klass",
  help: "Commits every position that is confident and whose distribution is stable.",
  source: "KLASS (arXiv 2511.05664)",
  parameters: {
    steps,
    historyLength: integer({
      default: 2,
      minimum: 1,
      help: "consecutive steps for which a position must be stable",
    }),
    threshold: probability({ default: 0.9, help: "commit above this confidence" }),
    klThreshold: number({
      default: 0.01,
      minimum: 0,
      help: "a position is stable below this KL divergence, in nats",
    }),
  },
  needs: ["divergence"],
  kernel: { positionWords: () => 1 },
  start: (length) => new Uint32Array(length),
  commit(view, { steps, historyLength, threshold, klThreshold }, out, stable) {
    const { open, openAtStart, step, token, confidence, divergence } = view;
    const minConfidence = Math.fround(threshold);
    const maxDivergence = Math.fround(klThreshold);
    let ready = 0;
    for (const offset of open) {
      stable[offset] = divergence[offset]! < maxDivergence ? stable[offset]! + 1 : 0;
      if (stable[offset]! < historyLength || !(confidence[offset]! > minConfidence)) continue;
      out.commit(offset, token[offset]!);
      ready++;
    }
    if (ready > 0) return;
    const count = Math.max(1, evenTransferCount(openAtStart, steps, step));
    for (const offset of topK(open, count, (o) => confidence[o]!)) out.commit(offset, token[offset]!);
  },
});
