import { type CachePass, type CacheState, type CacheView, cachePolicy } from "./policy.ts";

function next(state: CacheState, { length }: CacheView): CachePass {
  return { start: 0, end: length, refresh: false, state: { ...state, iteration: state.iteration + 1 } };
}

/** Every pass computes the whole sequence: nothing is ever stale. */
export const none = cachePolicy({
  name: "none",
  help: "Computes the whole sequence in every pass; nothing is stale.",
  source: "LLaDA (arXiv 2502.09992)",
  exact: true,
  parameters: {},
  next,
  nextInReference: next,
});
