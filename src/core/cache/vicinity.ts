import { integer } from "../declare/index.ts";
import { type CacheView, cachePolicy } from "./policy.ts";
import { refreshEvery, warmReferencePass, windowedPass } from "./windowed.ts";

const window = ({ start, end, length }: CacheView, { left, right }: { left: number; right: number }) => ({
  start: Math.max(0, start - left),
  end: Math.min(length, end + right),
});

/** Computes the block and its neighbourhood; the first passes of a sequence are full and keep no cache. */
export const vicinity = cachePolicy({
  name: "vicinity",
  help: "Computes the block and some positions on either side; all else goes stale until the next refresh.",
  source: "dInfer (arXiv 2510.08666), vicinity KV-cache refresh",
  exact: false,
  parameters: {
    left: integer({ default: 16, minimum: 0, help: "positions before the block that are computed with it" }),
    right: integer({ default: 16, minimum: 0, help: "positions after the block that are computed with it" }),
    warmup: integer({
      default: 4,
      minimum: 0,
      help: "full passes at the start of a sequence that keep no cache",
    }),
    refreshEvery,
  },
  next: (state, view, parameters) => windowedPass(state, view, window(view, parameters), parameters),
  nextInReference: (state, view, parameters) =>
    warmReferencePass(state, view, window(view, parameters), parameters),
});
