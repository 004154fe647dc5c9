import { blockPass } from "./block.ts";
import { type CachePass, type CacheState, type CacheView, cachePolicy } from "./policy.ts";

/**
 * As `block` until the block itself has been computed. From then on a part is computed alone where the wanted rows lie
 * in it, and the whole block is renewed where they do not: with a shift, the row before it predicts its first token.
 */
function next(state: CacheState, view: CacheView): CachePass {
  const { start, subBlock, rows } = view;
  const pass = blockPass(state, view);
  const beforeBlock = pass.prefill || rows.end <= start;
  if (beforeBlock) return { ...pass, state: { ...pass.state, sinceRefresh: 0 } };
  const held = state.block === start && state.sinceRefresh > 0;
  if (!held || rows.start < subBlock.start)
    return { ...pass, refresh: held, state: { ...pass.state, sinceRefresh: 1 } };
  const { start: from, end } = subBlock;
  return { start: from, end, refresh: false, state: { ...pass.state, sinceRefresh: state.sinceRefresh + 1 } };
}

/** For blocks that are decoded in parts. */
export const subBlock = cachePolicy({
  name: "subBlock",
  help: "Block-causal models: as 'block', but parts of a block are computed alone; the rest of it goes stale.",
  source: "Fast-dLLM v2 (arXiv 2509.26328), sub-block cache",
  exact: false,
  blockCausal: true,
  followsCommits: true,
  parameters: {},
  next,
  nextInReference: next,
});
