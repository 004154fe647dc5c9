import { type BlockCacheState, blockPass } from "./block.ts";
import { type CachePass, type CacheView, cachePolicy } from "./policy.ts";

interface SubBlockCacheState extends BlockCacheState {
  /** Passes since the whole block was last computed, including that one; 0 before. */
  readonly sinceRefresh: number;
}

/**
 * As `block` until the whole block has been computed once. After that, a pass computes only the sub-block if it contains all
 * wanted rows, and otherwise the whole block. In models with a shift, the row before the sub-block predicts its first token.
 */
function next(state: SubBlockCacheState, view: CacheView): CachePass<SubBlockCacheState> {
  const { start, subBlock, rows } = view;
  const pass = blockPass(state, view);
  const beforeBlock = pass.prefill || rows.end <= start;
  if (beforeBlock) return { ...pass, state: { ...pass.state, sinceRefresh: 0 } };
  const computed = state.block === start && state.sinceRefresh > 0;
  if (!computed || rows.start < subBlock.start)
    return { ...pass, refresh: computed, state: { ...pass.state, sinceRefresh: 1 } };
  return {
    start: subBlock.start,
    end: subBlock.end,
    refresh: false,
    state: { ...pass.state, sinceRefresh: state.sinceRefresh + 1 },
  };
}

/** For blocks that are decoded in sub-blocks. */
export const subBlock = cachePolicy({
  name: "subBlock",
  help: "Block-causal models: as 'block', but computes only the sub-block; the rest of the block goes stale.",
  source: "Fast-dLLM v2 (arXiv 2509.26328), sub-block cache",
  exact: false,
  blockCausal: true,
  followsCommits: true,
  parameters: {},
  initial: { iteration: 0, prefilled: false, block: -1, sinceRefresh: 0 },
  window: ({ start, end }) => ({ start, end }),
  next,
});
