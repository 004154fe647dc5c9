import { integer, probability } from "../declare/index.ts";
import { type BlockView, decoder } from "./decoder.ts";
import { topK } from "./topK.ts";

/** The open offsets with a confidence above the threshold in f32; if these are fewer than `minimum`, the `minimum` best ones. */
export function aboveOrBest(
  { open, confidence }: BlockView,
  threshold: number,
  minimum: number,
): readonly number[] {
  const bound = Math.fround(threshold);
  const above = open.filter((offset) => confidence[offset]! > bound);
  return above.length >= minimum ? above : topK(open, minimum, (offset) => confidence[offset]!);
}

/** Commits every open position whose confidence exceeds the threshold, but at least the `minimum` most confident ones. */
export const thresholdTopN = decoder({
  name: "thresholdTopN",
  help: "Commits every position whose confidence exceeds the threshold, and at least `minimum` of them.",
  source: "LLaDA2.0 (arXiv 2512.15745), generate",
  parameters: {
    threshold: probability({ default: 0.95, help: "commit above this confidence" }),
    minimum: integer({ default: 1, minimum: 1, help: "minimum positions that a step commits" }),
  },
  commit(view, { threshold, minimum }, out) {
    for (const offset of aboveOrBest(view, threshold, minimum)) out.commit(offset, view.token[offset]!);
  },
});
