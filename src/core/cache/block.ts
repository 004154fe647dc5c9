import { type CachePass, type CacheState, type CacheView, cachePolicy } from "./policy.ts";

export interface BlockCacheState extends CacheState {
  /** Whether the prompt's whole blocks are encoded, or there are none. */
  readonly prefilled: boolean;
  /** Start of the block of the last pass; -1 before any. */
  readonly block: number;
}

/**
 * The first pass encodes the prompt's whole blocks. The keys and values of a complete block still come from passes in
 * which some of its positions were undecided, so the first pass of the next block computes both blocks. The mask keeps
 * the finished block from seeing the next one, and no pass is spent on the finished block alone.
 */
export function blockPass<State extends BlockCacheState>(
  state: State,
  { start, end, previous }: CacheView,
): CachePass<State> {
  if (!state.prefilled && previous === undefined && start > 0)
    return { start: 0, end: start, refresh: false, prefill: true, state: { ...state, prefilled: true } };
  const entered = state.block !== start;
  return {
    start: entered ? (previous ?? start) : start,
    end,
    refresh: false,
    state: { ...state, iteration: state.iteration + 1, prefilled: true, block: start },
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
  initial: { iteration: 0, prefilled: false, block: -1 },
  next: blockPass<BlockCacheState>,
});
