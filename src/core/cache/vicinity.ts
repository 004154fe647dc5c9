import { integer } from "../declare/index.ts";
import { type CacheView, cachePolicy } from "./policy.ts";
import { initialWindowedState, refreshAtEntry, refreshEvery, type Window, windowedPass } from "./windowed.ts";

export const vicinityParameters = {
  left: integer({ default: 16, minimum: 0, help: "positions before the block that are computed with it" }),
  right: integer({ default: 16, minimum: 0, help: "positions after the block that are computed with it" }),
  warmup: integer({
    default: 4,
    minimum: 0,
    help: "full passes at the start of a sequence that keep no cache",
  }),
  refreshEvery,
} as const;

/** The range of the block and its neighbourhood. */
export function vicinityOf(
  { start, end, length }: Pick<CacheView, "start" | "end" | "length">,
  { left, right }: { readonly left: number; readonly right: number },
): Window {
  return { start: Math.max(0, start - left), end: Math.min(length, end + right) };
}

/** Computes the block and its neighbourhood; the first passes of a sequence are full and keep no cache. */
export const vicinity = cachePolicy({
  name: "vicinity",
  help: "Computes the block and some positions on both sides; all other positions go stale until the next refresh.",
  source: "dInfer (arXiv 2510.08666), vicinity KV-cache refresh",
  exact: false,
  parameters: { ...vicinityParameters, refreshAtEntry },
  initial: initialWindowedState,
  window: vicinityOf,
  countsPasses: ({ iteration }, { warmup, refreshEvery }) => iteration <= warmup || refreshEvery !== null,
  next: (state, view, parameters) => windowedPass(state, view, vicinityOf(view, parameters), parameters),
});
