import { type CachePass, type CacheState, type CacheView, cachePolicy } from "./policy.ts";

/**
 * The first pass encodes the prompt's whole blocks. When a block is complete its keys and values still come from
 * passes in which it held masks; so the first pass of the next block takes both. The mask keeps the finished one
 * from seeing the other, and no pass is spent on it alone.
 */
export function blockPass(state: CacheState, { start, end, previous }: CacheView): CachePass {
  if (!state.cacheFilled && previous === undefined && start > 0) {
    return { start: 0, end: start, refresh: false, prefill: true, state: { ...state, cacheFilled: true } };
  }
  const entered = state.block !== start;
  const from = entered ? (previous ?? start) : start;
  return {
    start: from,
    end,
    refresh: false,
    state: { ...state, iteration: state.iteration + 1, cacheFilled: true, block: start },
  };
}

/** Exact for block-causal models: what lies before a block never changes once it is complete. */
export const block = cachePolicy({
  name: "block",
  help: "Block-causal models: computes the block alone, and nothing is stale; finished blocks are encoded once more.",
  source: "block diffusion (arXiv 2503.09573); SDAR, LLaDA2",
  exact: true,
  blockCausal: true,
  parameters: {},
  next: blockPass,
  nextInReference: blockPass,
});
