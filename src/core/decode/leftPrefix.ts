import { number } from "../declare/index.ts";
import { decoder } from "./decoder.ts";

/**
 * Commits the open positions from the left, up to the first one whose confidence is below the threshold; the leftmost one
 * always. What is committed has no gaps, as in left-to-right decoding.
 */
export const leftPrefix = decoder({
  name: "leftPrefix",
  help: "Commits open positions from the left, up to the first one with a confidence below the threshold.",
  source: "DMax, soft parallel decoding: the commit rule",
  parameters: {
    threshold: number({
      default: 0.9,
      minimum: 0,
      saturatesAt: 1,
      help: "stop before the first confidence below this; above 1 commits one position per step",
    }),
  },
  commit({ open, token, confidence }, { threshold }, out) {
    const bound = Math.fround(threshold);
    const stop = open.findIndex((offset, index) => index > 0 && confidence[offset]! < bound);
    const prefix = stop < 0 ? open : open.slice(0, stop);
    for (const offset of prefix) out.commit(offset, token[offset]!);
  },
});
