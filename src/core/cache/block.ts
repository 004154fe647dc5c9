import { type CachePass, type CacheState, type CacheView, cachePolicy } from "./policy.ts";

export interface BlockCacheState extends CacheState {
  /** Whether the whole blocks of the prompt, if any, are encoded. */
  readonly prefilled: boolean;
  /** Start of the last pass's block; -1 before the first pass. */
  readonly block: number;
}

/**
 * The first pass encodes the whole blocks of the prompt. The cached keys and values of a finished block come from a pass in which
 * some of its positions were undecided, so the first pass of the next block computes both blocks. The attention mask hides
 * the next block from the finished one. This needs no separate pass for the finished block.
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

/** Exact for block-causal models: the keys and values of finished blocks do not depend on later blocks. */
export const block = cachePolicy({
  name: "block",
  help: "Block-causal models: computes only the block, and once more the block before it; nothing is stale.",
  source: "block diffusion (arXiv 2503.09573); SDAR, LLaDA2",
  exact: true,
  blockCausal: true,
  parameters: {},
  initial: { iteration: 0, prefilled: false, block: -1 },
  window: ({ start, end }) => ({ start, end }),
  next: blockPass<BlockCacheState>,
});
